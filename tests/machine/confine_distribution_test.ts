/**
 * assay starts itself again to confine, however it was started: from the sources, from the bundle by path and by
 * URL, as one program.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  assayCommand,
  isolatedEnv,
  permissionFlags,
  run,
  testUnless,
  textOf,
  withFolder,
} from "../support.ts";
import { bundle } from "../tools/bundle.ts";
import { compile } from "../tools/compile.ts";
import { bundleSingle } from "../tools/single.ts";
import { serve } from "../tools/serve.ts";

const missing = Deno.build.os === "linux" ? undefined : "Landlock is a part of Linux";
const missingRuntime = Deno.env.get("ASSAY_COMPILE_DENO") && Deno.env.get("DENORT_BIN")
  ? undefined
  : "needs ASSAY_COMPILE_DENO and DENORT_BIN";

const denoRun = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock"];

/** A sandboxed command may write inside the project and nothing next to it; assay says who held it. */
async function checkConfines(argv: readonly string[], env: Record<string, string> = {}) {
  await withFolder(async (folder) => {
    const root = `${folder}/project`;
    await Deno.mkdir(`${root}/.assay`, { recursive: true });
    await Deno.writeTextFile(
      `${root}/.assay/commands.toml`,
      `[commands.check]\ncmd = "true > inside; true > ../outside || true"\n` +
        `[commands.check.sandbox]\nfilesystem = "workspace_only"\nengines = ["landlock"]\n`,
    );
    const { stdout, stderr } = await run([...argv, "run", "check", "--json"], {
      cwd: root,
      env: { ...isolatedEnv(`${folder}/home`), ...env },
    });
    const made = Array.from(Deno.readDirSync(root), ({ name }) => name);
    assertEquals(made.includes("inside"), true, textOf(stderr));
    assertEquals(await Deno.stat(`${folder}/outside`).then(() => true, () => false), false);
    assertEquals(textOf(stdout).includes('"enforced_by": "landlock"'), true, textOf(stdout));
  });
}

testUnless(missing, "confine: from the sources", () => checkConfines(assayCommand()));

testUnless(missing, "confine: from the bundle by its path", () =>
  withFolder(async (folder) => {
    const entry = await bundle(`${folder}/dist`);
    await checkConfines([...denoRun, ...permissionFlags(), entry]);
  }));

testUnless(missing, "confine: from the bundle by its URL", () =>
  withFolder(async (folder) => {
    await bundle(`${folder}/dist`);
    await using server = serve(`${folder}/dist`);
    const allow = `--allow-import=${server.host}`;
    const argv = [...denoRun, allow, ...permissionFlags(), `http://${server.host}/assay.js`];
    await checkConfines(argv, { DENO_DIR: `${folder}/cache` });
  }));

testUnless(missing, "confine: from the single file by its URL", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/dist`);
    await bundleSingle(`${folder}/dist/assay.js`);
    await using server = serve(`${folder}/dist`);
    const allow = `--allow-import=${server.host}`;
    const argv = [...denoRun, allow, ...permissionFlags(), `http://${server.host}/assay.js`];
    await checkConfines(argv, { DENO_DIR: `${folder}/cache` });
  }));

testUnless(
  missing ?? missingRuntime,
  "confine: from one program",
  () =>
    withFolder(async (folder) => {
      await checkConfines([await compile(await bundle(`${folder}/dist`))]);
    }),
);
