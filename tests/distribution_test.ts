/**
 * What users get is what was tested: the bundle by path, the bundle by URL from an empty cache, and
 * the compiled program say the same of the example as the sources do.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import {
  assayCommand,
  copyExample,
  isolatedEnv,
  permissionFlags,
  projectRoot,
  run,
  testUnless,
  textOf,
  withFolder,
} from "./support.ts";
import { bundle } from "./tools/bundle.ts";
import { compile } from "./tools/compile.ts";
import { serve } from "./tools/serve.ts";

const missingRuntime = Deno.env.get("ASSAY_COMPILE_DENO") && Deno.env.get("DENORT_BIN")
  ? undefined
  : "needs ASSAY_COMPILE_DENO and DENORT_BIN";

/** What differs from run to run: ids, times, folders, hashes of reports that hold times. */
const volatile = new Set([
  "run_id",
  "attempt_id",
  "root",
  "started_at",
  "duration_ms",
  "command",
  "result_file",
  "output_file",
  "stderr_file",
  "artifacts",
  "metrics",
  "assay_version",
]);

function stable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(stable);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key]) => !volatile.has(key));
  return Object.fromEntries(entries.map(([key, each]) => [key, stable(each)]));
}

/** What a program says of a copy of the example: its exit code and what is stable of its JSON. */
function verdictOf(argv: readonly string[], env: Record<string, string> = {}): Promise<unknown> {
  return withFolder(async (folder) => {
    await copyExample("deno-app", `${folder}/app`);
    const { code, stdout, stderr } = await run([...argv, "verify", "--json"], {
      cwd: `${folder}/app`,
      env: { ...isolatedEnv(`${folder}/home`), ...env },
    });
    if (stdout.length === 0) throw new Error(`exit ${code}: ${textOf(stderr)}`);
    return { code, run: stable(JSON.parse(textOf(stdout))) };
  });
}

let expected: Promise<unknown> | undefined;

/** Checked once: the sources find the example ready, so that equality with them means something. */
function expectedVerdict(): Promise<unknown> {
  return expected ??= (async () => {
    const verdict = await verdictOf(assayCommand()) as {
      code: number;
      run: { recommendation: string; runners: unknown[] };
    };
    assertEquals(verdict.code, 0);
    assertEquals(verdict.run.recommendation, "ready_for_review");
    assertEquals(verdict.run.runners.length, 4);
    return verdict;
  })();
}

const denoRun = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock"];

/** A plugin of four modules, types and all, whose parser the project's one command needs. */
const teamcity = `${projectRoot}examples/plugins/teamcity`;

/** Verifies a project with the plugin from a server, then without the server, twice more. */
async function checkPlugin(argv: readonly string[], env: Record<string, string> = {}) {
  await withFolder(async (folder) => {
    const server = serve(teamcity);
    await writeProject(`${folder}/app`, `http://${server.host}/teamcity.ts`);
    const verified = async (...options: string[]) => {
      const { stdout, stderr } = await run([...argv, "run", "tests", "--json", ...options], {
        cwd: `${folder}/app`,
        env: { ...isolatedEnv(`${folder}/home`), ...env },
      });
      if (stdout.length === 0) throw new Error(textOf(stderr));
      return JSON.parse(textOf(stdout)).runners[0].tests;
    };
    const tests = { total: 1, passed: 1, failed: 0, errored: 0, skipped: 0, flaky: 0 };
    assertEquals(await verified(), tests);
    assertEquals(server.asked.length, 4);
    await server[Symbol.asyncDispose]();
    assertEquals(await verified(), tests);
    assertEquals(await verified("--cached-only", "--frozen"), tests);
  });
}

async function writeProject(folder: string, plugin: string): Promise<void> {
  await Deno.mkdir(`${folder}/.assay`, { recursive: true });
  await Deno.writeTextFile(`${folder}/.assay/config.toml`, `[[plugin]]\nurl = "${plugin}"\n`);
  await Deno.writeTextFile(
    `${folder}/.assay/commands.toml`,
    '[commands.tests]\nkind = "test"\ncmd = "cat log"\nformat = "teamcity"\n',
  );
  const test = (name: string) => `##teamcity[${name} name='adds']\n`;
  await Deno.writeTextFile(`${folder}/log`, test("testStarted") + test("testFinished"));
}

async function withBundle(body: (entry: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => await body(await bundle(`${folder}/dist`)));
}

Deno.test("distribution: the sources run a plugin from a URL, then from the cache", () =>
  checkPlugin(assayCommand()));

Deno.test("distribution: the bundle by its path says the same as the sources", () =>
  withBundle(async (entry) => {
    const argv = [...denoRun, ...permissionFlags(), entry];
    assertEquals(await verdictOf(argv), await expectedVerdict());
    await checkPlugin(argv);
  }));

Deno.test("distribution: the bundle by its URL, from an empty cache, says the same", () =>
  withBundle(async (entry) => {
    const dist = entry.replace(/\/[^/]+$/, "");
    await using server = serve(dist);
    const allow = `--allow-import=${server.host}`;
    const argv = [...denoRun, allow, ...permissionFlags(), `http://${server.host}/assay.js`];
    await withFolder(async (cache) => {
      assertEquals(await verdictOf(argv, { DENO_DIR: cache }), await expectedVerdict());
      await checkPlugin(argv, { DENO_DIR: cache });
    });
    assertEquals(server.asked[0], "assay.js");
  }));

Deno.test("distribution: the same sources give the same bundle", () =>
  withBundle(async (first) => {
    await withBundle(async (second) => {
      assertEquals(await contents(first), await contents(second));
    });
  }));

async function contents(entry: string): Promise<Record<string, string>> {
  const folder = entry.replace(/\/[^/]+$/, "");
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).toSorted();
  const texts = await Promise.all(names.map((name) => Deno.readTextFile(`${folder}/${name}`)));
  return Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
}

testUnless(
  missingRuntime,
  "distribution: the compiled program says the same",
  () =>
    withBundle(async (entry) => {
      const program = await compile(entry);
      const dist = entry.replace(/\/[^/]+$/, "");
      // The bundle is gone: what the program needs must be inside.
      for (const { name } of Deno.readDirSync(dist)) {
        if (name.endsWith(".js")) await Deno.remove(`${dist}/${name}`);
      }
      assertEquals(await verdictOf([program]), await expectedVerdict());
      await checkPlugin([program]);
    }),
);
