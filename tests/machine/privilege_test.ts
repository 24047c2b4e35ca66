/**
 * Each verb is started for real, in a process that has every permission, and asked what it has left: when it
 * first reads a file of the user's, and when it ends.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { verbs } from "../../src/cli/verbs.ts";
import { scenarioProgram } from "../scenario/program.ts";
import {
  isolatedEnv,
  projectRoot,
  removeFolder,
  run,
  runAssay,
  textOf,
  withFolder,
} from "../support.ts";

const names = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

/** Wraps the program in an Io that writes down the permissions there are. */
const script = `
import { builtins } from "${projectRoot}plugins/mod.ts";
import { main } from "${projectRoot}src/cli/main.ts";
import { realIo } from "${projectRoot}src/real_io.ts";

const left = () => ${JSON.stringify(names)}.filter((name) =>
  Deno.permissions.querySync({ name }).state === "granted");
const io = realIo();
const seen = {};
const noted = (act) => (...args) => { seen.first ??= left(); return act(...args); };
const fs = Object.fromEntries(Object.entries(io.fs).map(([name, act]) => [name, noted(act)]));
const code = await main({ ...io, fs, stdin: noted(io.stdin) }, "0", () => Promise.resolve(builtins));
Deno.stderr.writeSync(new TextEncoder().encode("\\n" + JSON.stringify({ code, end: left(), ...seen })));
`;

interface Seen {
  readonly code: number;
  readonly first?: readonly string[];
  readonly end: readonly string[];
}

/** Trusts the plugins of a project, as a person who looked at them. */
async function trust(cwd: string, env: Record<string, string>): Promise<void> {
  const { stdout } = await runAssay(["trust", "--show", "--json"], { cwd, env });
  const { digest } = JSON.parse(textOf(stdout));
  const { code, stderr } = await runAssay(["trust", "--trust", digest], { cwd, env });
  assertEquals(code, 0, textOf(stderr));
}

/** Permissions by name: with --allow-all Deno cannot take single ones away. */
const everything = names.map((name) => `--allow-${name}`);

const denoRun = [
  Deno.execPath(),
  "run",
  "--quiet",
  "--no-check",
  `--config=${projectRoot}deno.json`,
];

/** The permissions of a call; `trusts`: once the plugins of `config` are trusted. */
async function permissionsOf(
  args: readonly string[],
  config = "",
  trusts = false,
): Promise<Seen> {
  return await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/project/.assay`, { recursive: true });
    await Deno.writeTextFile(`${folder}/script.js`, script);
    const files = {
      "config.toml": config,
      "commands.toml": '[commands.check]\ncmd = "true"\n',
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/project/.assay/${name}`, text);
    }
    const plugin = 'export default { name: "p" };';
    await Deno.writeTextFile(`${folder}/project/p.js`, plugin);
    const argv = [...denoRun, ...everything, "--no-prompt", `${folder}/script.js`];
    const env = isolatedEnv(`${folder}/home`);
    if (trusts) await trust(`${folder}/project`, env);
    const { stderr } = await run([...argv, ...args], {
      cwd: `${folder}/project`,
      env,
      stdin: new TextEncoder().encode("TAP version 13\n1..1\nok 1 - a\n"),
    });
    const text = textOf(stderr);
    try {
      return JSON.parse(text.slice(text.lastIndexOf("\n") + 1));
    } catch (error) {
      throw new Error(text, { cause: error });
    }
  });
}

const looking = ["read", "env"];
const storing = ["read", "write", "env"];
const loading = ["read", "write", "net", "env", "run", "sys", "ffi"];
const running = ["read", "write", "env", "run"];

/** What each verb may do when it first reads something, and when it ends. */
const expected: Record<string, { args: string[]; first: string[] | undefined; end: string[] }> = {
  init: { args: ["init"], first: running, end: running },
  verify: { args: ["verify"], first: loading, end: running },
  gate: { args: ["gate"], first: running, end: running },
  diagnose: { args: ["diagnose"], first: running, end: running },
  inspect: { args: ["inspect", "check:1"], first: running, end: running },
  run: { args: ["run", "check"], first: loading, end: running },
  parse: { args: ["parse", "tap", "-"], first: looking, end: looking },
  plugin: { args: ["plugin", "list"], first: running, end: running },
  trust: { args: ["trust", "--show"], first: storing, end: storing },
  sandbox: { args: ["sandbox", "explain", "check"], first: running, end: running },
  explain: { args: ["explain", "check"], first: running, end: running },
  report: { args: ["report"], first: running, end: running },
  hook: { args: ["hook", "status"], first: running, end: running },
  history: { args: ["history"], first: storing, end: storing },
  store: { args: ["store", "rebuild"], first: storing, end: storing },
  schema: { args: ["schema", "plugins"], first: undefined, end: looking },
  completions: { args: ["completions", "bash"], first: undefined, end: looking },
  doctor: { args: ["doctor"], first: running, end: running },
};

Deno.test("privilege: every verb is in the table", () => {
  assertEquals(Object.keys(expected).toSorted(), verbs.map(({ name }) => name).toSorted());
});

for (const [name, { args, first, end }] of Object.entries(expected)) {
  Deno.test(`privilege: ${name} keeps what it needs and no more`, async () => {
    const seen = await permissionsOf(args);
    assertEquals({ first: seen.first, end: seen.end }, { first, end });
  });
}

for (
  const args of [
    ["help"],
    ["help", "verify"],
    ["verify", "--help"],
    ["--version"],
    ["nonsense"],
    [],
  ]
) {
  Deno.test(`privilege: assay ${args.join(" ")} reads nothing and keeps nothing to write with`, async () => {
    const { first, end } = await permissionsOf(args);
    assertEquals({ first, end }, { first: undefined, end: looking });
  });
}

Deno.test("privilege: completing names reads, and does nothing else, plugins or not", async () => {
  const config = '[[plugin]]\nurl = "./p.js"\n[plugin.permissions]\nnet = true\n';
  const { first, end } = await permissionsOf(["__complete", "--", "run", ""], config);
  assertEquals({ first, end }, { first: looking, end: looking });
});

for (
  const args of [["plugin", "check"], ["hook", "run", "pre-commit"], [
    "inspect",
    "check:1",
    "--annotate",
  ]]
) {
  Deno.test(`privilege: assay ${args.join(" ")} may do what plugins may be granted`, async () => {
    assertEquals((await permissionsOf(args)).first, loading);
  });
}

Deno.test("privilege: what a plugin was granted stays for its worker, and no more", async () => {
  const config =
    '[[plugin]]\nurl = "./p.js"\npermissions = { net = ["a.example:443"], sys = [], read = ["."] }\n';
  const { code, end } = await permissionsOf(["run", "check"], config, true);
  assertEquals({ code, end }, { code: 0, end: ["read", "write", "net", "env", "run"] });
});

Deno.test("privilege: a plugin in assay's own process has what assay has", async () => {
  const config = '[[plugin]]\nurl = "./p.js"\nisolation = "none"\n';
  const { code, end } = await permissionsOf(["run", "check"], config, true);
  assertEquals({ code, end }, { code: 0, end: loading });
});

/** The wrapping above leaves out `main.ts`: a plugin in assay's own process sees what that one keeps. */
Deno.test("privilege: the program itself gives up what its verb does not need", () =>
  withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/.assay`);
    await Deno.writeTextFile(
      `${folder}/.assay/config.toml`,
      '[[plugin]]\nurl = "./p.js"\nisolation = "none"\n',
    );
    const states = `${
      JSON.stringify(names)
    }.map((name) => Deno.permissions.querySync({ name }).state)`;
    await Deno.writeTextFile(
      `${folder}/p.js`,
      `Deno.writeTextFileSync("seen", JSON.stringify(${states})); export default { name: "p" };`,
    );
    // Next to the project: a home inside of it could not say what is trusted.
    const env = isolatedEnv(`${folder}-home`);
    await trust(folder, env);
    const { code, stderr } = await run(
      [...denoRun, ...everything, "--no-prompt", `${projectRoot}src/main.ts`, "run", "--", "true"],
      { cwd: folder, env },
    );
    await removeFolder(`${folder}-home`);
    assertEquals(code, 0, textOf(stderr));
    const seen = JSON.parse(await Deno.readTextFile(`${folder}/seen`)) as string[];
    assertEquals(names.filter((_, index) => seen[index] === "granted"), loading);
  }));

// Scoped flags: docs/permissions.md.

/** The rows of a table of docs/permissions.md: the flags, and whether assay does without. */
const scopedFlags = Array.from(
  Deno.readTextFileSync(`${projectRoot}docs/permissions.md`)
    .matchAll(/^\| `(--[^`]+)` +\| (yes|no) /gm),
  ([, flag, needed]) => ({ flag: flag!, isNeeded: needed === "yes" }),
);

/** Verifies a project of one test with these flags. */
async function verifyWith(flags: readonly string[], entry = `${projectRoot}src/main.ts`) {
  return await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/project/.assay`, { recursive: true });
    const detect_file = ".assay/plugins.json";
    const test = "setsid sleep 60 & sleep 60 & printf 'TAP version 13\\n1..1\\nok 1 - a\\n'";
    const runners = [
      { id: "check", kind: "test", detect_file, command: test, result_format: "tap" },
      { id: "slow", kind: "lint", detect_file, command: "sleep 60", timeout: 1, required: false },
    ];
    const plugin = { name: "own", version: "1.0.0", runners };
    await Deno.writeTextFile(`${folder}/project/${detect_file}`, JSON.stringify(plugin));
    const { code, stdout, stderr } = await run(
      [...denoRun, "--unstable-worker-options", "--no-prompt", ...flags]
        .concat(entry, "verify"),
      { cwd: `${folder}/project`, env: isolatedEnv(`${folder}/home`) },
    );
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) };
  });
}

Deno.test("scoped flags: the needed ones alone verify a project, limits and daemons included", async () => {
  const flags = scopedFlags.filter(({ isNeeded }) => isNeeded).map(({ flag }) => flag);
  assert(flags.length > 3);
  const { code, stdout, stderr } = await verifyWith(flags);
  assertEquals(code, 0, stdout + stderr);
  assertStringIncludes(stdout, "1 passed");
  assertStringIncludes(stdout, "timed out");
  assertStringIncludes(stdout, "outlived the command");
});

for (const { flag } of scopedFlags.filter(({ isNeeded }) => isNeeded)) {
  Deno.test(`scoped flags: without ${flag} the error names it`, async () => {
    const needed = scopedFlags.filter(({ isNeeded }) => isNeeded).map((each) => each.flag);
    const { code, stderr } = await verifyWith(needed.filter((each) => each !== flag));
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, `hint: Add ${flag.replace("=.", "=")}`);
  });
}

Deno.test("scoped flags: without --allow-read a bundle, which cannot load its parts, names it too", async () => {
  const needed = scopedFlags.filter(({ isNeeded }) => isNeeded).map((each) => each.flag);
  const [bundle] = (await scenarioProgram()).slice(-1);
  const without = needed.filter((each) => each !== "--allow-read");
  for (const flags of [without, [...without, "--allow-read=."]]) {
    const { code, stderr } = await verifyWith(flags, bundle);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, "hint: Add --allow-read to the flags");
  }
  const { code, stdout, stderr } = await verifyWith(needed, bundle);
  assertEquals(code, 0, stdout + stderr);
});

for (const { flag } of scopedFlags.filter(({ isNeeded }) => !isNeeded)) {
  Deno.test(`scoped flags: ${flag} is accepted, and verify does without it`, async () => {
    const needed = scopedFlags.filter(({ isNeeded }) => isNeeded).map((each) => each.flag);
    const { code, stdout, stderr } = await verifyWith([...needed, flag]);
    assertEquals(code, 0, stdout + stderr);
  });
}

Deno.test("scoped flags: deno run -P has every flag of the table, and verifies", async () => {
  const text = await Deno.readTextFile(`${projectRoot}deno.json`);
  const { permissions } = JSON.parse(text.replaceAll(/^\s*\/\/.*$/gm, ""));
  const named = Object.entries<true | string[]>(permissions.default).flatMap(([name, values]) =>
    values === true ? [`--allow-${name}`] : values.map((value) => `--allow-${name}=${value}`)
  );
  assertEquals(named.toSorted(), scopedFlags.map(({ flag }) => flag).toSorted());
  // What it lets be written is this project and temporary files.
  const { code, stdout, stderr } = await verifyWith(["-P"]);
  assertEquals(code, 0, stdout + stderr);
  assertStringIncludes(stdout, "1 passed");
});
