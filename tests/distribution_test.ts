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

async function withBundle(body: (entry: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => await body(await bundle(`${folder}/dist`)));
}

Deno.test("distribution: the bundle by its path says the same as the sources", () =>
  withBundle(async (entry) => {
    const argv = [...denoRun, ...permissionFlags(), entry];
    assertEquals(await verdictOf(argv), await expectedVerdict());
  }));

Deno.test("distribution: the bundle by its URL, from an empty cache, says the same", () =>
  withBundle(async (entry) => {
    const dist = entry.replace(/\/[^/]+$/, "");
    await using server = serve(dist);
    const allow = `--allow-import=${server.host}`;
    const argv = [...denoRun, allow, ...permissionFlags(), `http://${server.host}/assay.js`];
    await withFolder(async (cache) => {
      assertEquals(await verdictOf(argv, { DENO_DIR: cache }), await expectedVerdict());
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
    }),
);
