/**
 * What users get is what was tested: the bundle by path, by URL from an empty cache, the single file by URL, the
 * npm package, the README's install and first command, and the compiled program say the same of the example as the sources.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { stripTypeScriptTypes } from "node:module";
import {
  assayCommand,
  copyExample,
  isolatedEnv,
  permissionFlags,
  projectRoot,
  removeFolder,
  run,
  start,
  testUnless,
  textOf,
  withFolder,
} from "../support.ts";
import {
  barePath,
  copyProject,
  made,
  missingRuntime,
  noRegistry,
  npmInstall,
  removeMade,
} from "./release/made.ts";
import { serve } from "../tools/serve.ts";

Deno.test.afterAll(removeMade);

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
      run: { recommendation: string; attempts: unknown[] };
    };
    assertEquals(verdict.code, 0);
    assertEquals(verdict.run.recommendation, "ready_for_review");
    assertEquals(verdict.run.attempts.length, 4);
    return verdict;
  })();
}

const denoRun = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-lock"];

/** A plugin of four modules, types and all, whose parser the project's one command needs. */
const teamcity = `${projectRoot}examples/plugins/teamcity`;

/** The same plugin as JavaScript, for a runtime that cannot take types out. */
async function writeAsJavaScript(folder: string): Promise<void> {
  await Deno.mkdir(folder);
  for await (const { name } of Deno.readDir(teamcity)) {
    if (!/(?<!_test)\.ts$/.test(name)) continue;
    const code = stripTypeScriptTypes(await Deno.readTextFile(`${teamcity}/${name}`));
    const path = `${folder}/${name.replace(/ts$/, "js")}`;
    await Deno.writeTextFile(path, code.replaceAll(/(from "\.\/\w+)\.ts"/g, '$1.js"'));
  }
}

/** Verifies a project with the plugin from a server, then without the server, twice more. */
async function checkPlugin(
  argv: readonly string[],
  env: Record<string, string> = {},
  language: "ts" | "js" = "ts",
) {
  await withFolder(async (folder) => {
    if (language === "js") await writeAsJavaScript(`${folder}/plugin`);
    const server = serve(language === "js" ? `${folder}/plugin` : teamcity);
    await writeProject(`${folder}/app`, `http://${server.host}/teamcity.${language}`);
    const verified = async (...options: string[]) => {
      const { stdout, stderr } = await run([...argv, "run", "tests", "--json", ...options], {
        cwd: `${folder}/app`,
        env: { ...isolatedEnv(`${folder}/home`), ...env },
      });
      if (stdout.length === 0) throw new Error(textOf(stderr));
      return JSON.parse(textOf(stdout)).attempts[0].tests;
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

Deno.test("distribution: the sources run a plugin from a URL, then from the cache", () =>
  checkPlugin(assayCommand()));

Deno.test("distribution: the bundle by its path says the same as the sources", async () => {
  const argv = [...denoRun, ...permissionFlags(), (await made()).entry];
  assertEquals(await verdictOf(argv), await expectedVerdict());
  await checkPlugin(argv);
});

/** Runs a served file by its URL, from an empty cache. */
async function checkUrl(folder: string): Promise<void> {
  await using server = serve(folder);
  const allow = `--allow-import=${server.host}`;
  const argv = [...denoRun, allow, ...permissionFlags(), `http://${server.host}/assay.js`];
  await withFolder(async (cache) => {
    assertEquals(await verdictOf(argv, { DENO_DIR: cache }), await expectedVerdict());
    await checkPlugin(argv, { DENO_DIR: cache });
  });
  assertEquals(server.asked[0], "assay.js");
}

Deno.test("distribution: the bundle by its URL, from an empty cache, says the same", async () => {
  const { entry } = await made();
  await checkUrl(entry.replace(/\/[^/]+$/, ""));
});

Deno.test("distribution: the single file by its URL, with nothing next to it, says the same", async () => {
  const { folder } = await made();
  await withFolder(async (served) => {
    await Deno.copyFile(`${folder}/assay.js`, `${served}/assay.js`);
    await checkUrl(served);
  });
});

testUnless(missingRuntime, "distribution: the compiled program says the same", async () => {
  // The bundle it was made of is gone: what the program needs must be inside.
  const { program } = await made();
  assertEquals(await verdictOf([program]), await expectedVerdict());
  await checkPlugin([program], {}, "js");
  // The runtime that the tests compile with is older than 2.8.
  const error = await assertRejects(() => checkPlugin([program]), Error);
  assertStringIncludes(error.message, "cannot strip types from TypeScript");
  assertStringIncludes(error.message, "Use Deno 2.8 or newer, or write the plugin as JavaScript");
});

/** An environment of a machine with Node, npm and git, an empty home, and nothing of Deno's. */
async function bareEnv(folder: string): Promise<Record<string, string>> {
  const { DENO_DIR: _, ...env } = isolatedEnv(`${folder}/home`);
  return { ...env, PATH: await barePath(`${folder}/programs`) };
}

/** What the README's first command prints with \`--json\`, in a copy of the project. */
async function firstCommand(folder: string, env: Record<string, string>): Promise<unknown> {
  const readme = await Deno.readTextFile(`${projectRoot}README.md`);
  const [command] = /^npx -y deno@\S+ task demo/m.exec(readme)!;
  await copyProject(`${folder}/project`);
  const argv = [...command.split(" "), "--json"];
  const { code, stdout, stderr } = await run(argv, { cwd: `${folder}/project`, env });
  if (stdout.length === 0) throw new Error(`exit ${code}: ${textOf(stderr)}`);
  return { code, run: stable(JSON.parse(textOf(stdout))) };
}

testUnless(
  noRegistry,
  "distribution: with Node, npm and git alone, the README's install puts assay on the PATH",
  () =>
    withFolder(async (folder) => {
      const readme = await Deno.readTextFile(`${projectRoot}README.md`);
      const section = readme.split("\n## Install\n")[1]!;
      const [, lines] = /```sh\n(.*?)```/s.exec(section)!;
      await copyProject(`${folder}/project`);
      const env = { ...await bareEnv(folder), npm_config_prefix: `${folder}/prefix` };
      const typed = { cwd: `${folder}/project`, env };
      const { code, stderr } = await run(["sh", "-ec", lines!], typed);
      assertEquals(code, 0, textOf(stderr));
      // Of the checkout nothing is needed any more.
      await removeFolder(`${folder}/project`);
      assertEquals(await verdictOf([`${folder}/prefix/bin/assay`]), await expectedVerdict());
    }),
);

testUnless(
  noRegistry,
  "distribution: with Node, npm and git alone, the README's first command and the npm package say the same",
  () =>
    withFolder(async (folder) => {
      const env = await bareEnv(folder);
      const path = env.PATH;
      assertEquals(await firstCommand(folder, env), await expectedVerdict());
      const programs = await npmInstall(`${folder}/installed`, (await made()).tarball, env);
      // As npm's own scripts and npx have it: the example's checks call the Deno that came with assay.
      const ofNpm = { PATH: `${programs}:${path}` };
      assertEquals(await verdictOf([`${programs}/assay`], ofNpm), await expectedVerdict());
      await checkPlugin([`${programs}/assay`], ofNpm);
      await checkEnds(`${programs}/assay`, folder, { ...env, ...ofNpm });
      await checkTypes(`${folder}/installed`, ofNpm);
    }),
);

/** Exit codes are assay's, and a signal to the process that npm's script started reaches assay alone. */
async function checkEnds(assay: string, folder: string, env: Record<string, string>) {
  await Deno.mkdir(`${folder}/empty/.assay`, { recursive: true });
  const options = { cwd: `${folder}/empty`, env };
  const byName = { cwd: assay.replace(/\/[^/]+$/, ""), env };
  assertEquals((await run(["sh", "assay", "--version"], byName)).code, 0);
  assertEquals((await run([assay, "--nonsense"], options)).code, 2);
  assertEquals((await run([assay, "run", "--", "exit 7"], options)).code, 1);
  const marked = `${folder}/empty/started`;
  const { pid, finished } = start([assay, "run", "--", `touch ${marked}; sleep 60`], options);
  while (!await Deno.stat(marked).then(() => true, () => false)) await delay(20);
  Deno.kill(pid, "SIGTERM");
  assertEquals((await finished).code, 130);
}

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** A plugin's author imports the types from the package: one that fits passes, one that does not is refused. */
async function checkTypes(folder: string, env: Record<string, string>): Promise<void> {
  const plugin = (configKey: string) =>
    `import { definePlugin, type Extension } from "assay/plugin";
    const greeting: Extension = { name: "greeting", configKey: ${configKey}, prepare: (spec) => spec };
    const { name } = definePlugin({ name: "mine", extensions: [greeting] });
    if (name !== "mine") throw new Error();`;
  await Deno.writeTextFile(`${folder}/good.ts`, plugin('"greeting"'));
  await Deno.writeTextFile(`${folder}/bad.ts`, plugin("1"));
  const deno = (...args: string[]) =>
    run([Deno.execPath(), ...args], { cwd: folder, env: { ...isolatedEnv(folder), ...env } });
  const good = await deno("run", "--check", "--quiet", "good.ts");
  assertEquals(good.code, 0, textOf(good.stderr));
  assertStringIncludes(textOf((await deno("check", "bad.ts")).stderr), "TS2322");
}
