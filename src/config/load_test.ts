import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { UserError, UserErrors } from "../errors.ts";
import { builtins, load, options, withProject } from "../../tests/config_project.ts";
import { loadProject } from "./load.ts";

const unit = '{ "id": "unit", "kind": "test", "detect_file": "x", "command": "run unit" }';

function pluginFile(name: string, ...runners: string[]): string {
  return `{ "name": ${JSON.stringify(name)},\n "runners": [\n${runners.join(",\n")}\n] }`;
}

Deno.test("no configuration is a project of built-in runners with the defaults", async () => {
  const project = await load({});
  assertEquals(project.runners.map(({ id }) => id), ["deno_test", "deno_lint"]);
  assertEquals(project.runners.map(({ timeoutMs }) => timeoutMs), [600_000, 300_000]);
  assertEquals(project.runners[0]!.origin, {
    file: "built-in",
    plugin: "deno",
    dialect: "runners",
  });
  assertEquals([project.commands, project.files, project.dropped], [[], [], []]);
  assertEquals(project.gates, {
    threshold: 94,
    weights: {},
    waivers: [],
    optional: [],
    fresh: false,
    sandbox: false,
  });
  assertEquals([project.store.outputCap, project.locks.timeoutMs], [64 * 1024 * 1024, 600_000]);
});

Deno.test("every field of a runner arrives", async () => {
  const project = await load({
    ".assay/plugins.json": `\uFEFF{ "$schema": "x", "name": "mine", "version": "2.0", "runners": [{
      "id": "unit", "kind": "test", "description": "d",
      "detect_file": ["a", "b/*.c", { "file": "package.json", "key": "scripts.test", "not_contains": "no" }],
      "command": "run {{run_id}} <id> ${"$"}{HOME} {{.Name}}", "result_file": "out/{{run_id}}.xml",
      "result_format": "junit-xml", "timeout": "1h30m", "cwd": "sub", "env": { "A": "1" },
      "required": false, "fail_on": "warning", "allow_no_tests": true, "inputs": ["src/**"],
      "lock": "db", "sandbox": "build", "hello": { "a": 1 } }] }`,
  });
  assertEquals(project.plugins[0], {
    name: "mine",
    version: "2.0",
    file: ".assay/plugins.json",
    dialect: "runners",
    runners: ["unit"],
  });
  const { written, ...runner } = project.runners[0]!;
  assertEquals(written?.command, runner.command);
  assertEquals(runner, {
    id: "unit",
    kind: "test",
    source: "runner",
    declaresExitCode: false,
    description: "d",
    command: "run {{run_id}} <id> ${HOME} {{.Name}}",
    detect: ["a", "b/*.c", { file: "package.json", key: "scripts.test", not_contains: "no" }],
    resultFile: "out/{{run_id}}.xml",
    resultFormat: "junit-xml",
    timeoutMs: 5_400_000,
    cwd: "sub",
    required: false,
    enabled: true,
    failOn: "warning",
    allowNoTests: true,
    inputs: ["src/**"],
    lock: "db",
    sandbox: {
      preset: "build",
      on_uncovered: "warn",
      declared: {
        network: "none",
        filesystem: "workspace_only",
        timeout: "5m",
        memory: "2g",
        cpu: "2m",
        processes: "isolated",
      },
      spec: {
        network: "none",
        filesystem: "workspace_only",
        timeout: 300_000,
        memory: 2 * 1024 ** 3,
        cpu: 120_000,
        processes: "isolated",
      },
    },
    captureEnv: [],
    extensionData: { env: { A: "1" }, hello: { a: 1 } },
    origin: { file: ".assay/plugins.json", line: 1, plugin: "mine", dialect: "runners" },
  });
});

Deno.test("plugin files are read in their order, each runner with its line", async () => {
  const project = await load({
    ".assay/config.toml": 'plugins = ["b.json", "./c.toml", ".assay/plugins.json"]',
    ".assay/plugins.json": pluginFile("a", unit, unit.replace("unit", "second")),
    "b.json": pluginFile("b", unit.replace("unit", "b")),
    "c.toml":
      'name = "c"\n[[runners]]\nid = "c"\nkind = "lint"\ndetect_file = "x"\ncommand = "c"\n',
    ".codeloop/plugins.json": pluginFile("d", unit.replace("unit", "d")),
  });
  assertEquals(
    project.runners.map(({ id, origin: { file, line } }) => [id, file, line]),
    [
      ["unit", ".assay/plugins.json", 3],
      ["second", ".assay/plugins.json", 4],
      ["b", "b.json", 3],
      ["c", "c.toml", 2],
      ["d", ".codeloop/plugins.json", 3],
      ["deno_test", "built-in", undefined],
      ["deno_lint", "built-in", undefined],
    ],
  );
  assertEquals(project.files, [
    ".assay/config.toml",
    ".assay/plugins.json",
    ".codeloop/plugins.json",
    "b.json",
    "c.toml",
  ]);
});

Deno.test("a runner of the project replaces the built-in of its id", async () => {
  const project = await load({
    ".assay/plugins.json": pluginFile("a", unit.replace("unit", "deno_test")),
  });
  assertEquals(project.runners.map(({ id }) => id), ["deno_test", "deno_lint"]);
  assertEquals(project.runners[0]!.command, "run unit");
  assertEquals(project.dropped.map(({ id, origin, why }) => [id, origin.file, why]), [
    ["deno_test", "built-in", "replaced by .assay/plugins.json, line 3"],
  ]);
});

Deno.test("runners are switched off and changed by the configuration", async () => {
  const project = await load({
    ".assay/config.toml": `
      [runners.deno_lint]
      enabled = false
      [runners.deno_test]
      timeout = 90
      required = false
      env = { A = "2", B = "3" }
      allow_no_tests = true
      fail_on = "info"
      lock = "l"
    `,
  });
  const [test, ...rest] = project.runners;
  assertEquals(rest, []);
  assertEquals(
    [test!.timeoutMs, test!.required, test!.allowNoTests, test!.failOn, test!.lock],
    [90_000, false, true, "info", "l"],
  );
  assertEquals(test!.extensionData, { env: { A: "2", B: "3" } });
  assertEquals(project.dropped.map(({ id, why }) => [id, why]), [
    ["deno_lint", "switched off by [runners.deno_lint] of the configuration"],
  ]);
});

Deno.test("builtin_runners = false leaves only those that are switched on", async () => {
  const project = await load({
    ".assay/config.toml": "builtin_runners = false\n[runners.deno_lint]\nenabled = true",
  });
  assertEquals(project.runners.map(({ id }) => id), ["deno_lint"]);
  assertEquals(project.dropped.map(({ why }) => why), ["switched off by builtin_runners = false"]);
});

Deno.test("a runner that is switched off where it is defined still replaces the built-in", async () => {
  const off = unit.replace('"unit"', '"deno_test"').replace("{", '{ "enabled": false,');
  const project = await load({ ".assay/plugins.json": pluginFile("a", off) });
  assertEquals(project.runners.map(({ id }) => id), ["deno_lint"]);
  assertEquals(project.dropped.map(({ why }) => why), [
    "switched off by its own enabled = false",
    "replaced by .assay/plugins.json, line 3",
  ]);
});

Deno.test("settings arrive, and the project's sandbox is that of those who name none", async () => {
  const project = await load({
    ".assay/config.json": `{
      "gates": { "threshold": 80.5, "weights": { "test": 0 }, "waive": { "lint": "later" },
        "optional": ["build"], "acceptance": "DONE.md", "fresh": true, "sandbox": true },
      "store": { "output_cap": "1KiB" }, "locks": { "timeout": "5s" }, "sandbox": "readonly",
      "runners": { "deno_lint": { "sandbox": "none" } } }`,
    ".assay/commands.toml": '[commands]\nx = "y"',
  });
  assertEquals(project.gates, {
    threshold: 80.5,
    weights: { test: 0 },
    waivers: [{ gate: "lint", reason: "later" }],
    optional: ["build"],
    acceptance: "DONE.md",
    fresh: true,
    sandbox: true,
  });
  assertEquals([project.store.outputCap, project.locks.timeoutMs], [1024, 5000]);
  const sandboxes = [...project.runners, ...project.commands].map(({ sandbox }) => sandbox?.preset);
  assertEquals(sandboxes, ["readonly", "none", "readonly"]);
});

Deno.test("commands become definitions", async () => {
  const project = await load({
    ".assay/commands.toml": `
      [commands]
      plain = "make x"
      [commands.lint]
      tpl = "lint {path} {n}"
      defaults = { path = "src", n = 3 }
      timeout = 5
      capture_env = ["PATH"]
      suppress = ["noise"]
      [commands.lint.hello]
      greeting = "hi"
      [commands.auto]
      cmd = "x"
      kind = "test"
      format = "auto"
    `,
  });
  const [plain, lint, auto] = project.commands;
  assertEquals(
    [plain!.id, plain!.kind, plain!.source, plain!.command, plain!.defaults, plain!.detect],
    ["plain", "build", "command", "make x", undefined, []],
  );
  assertEquals(
    [lint!.kind, lint!.defaults, lint!.timeoutMs, lint!.captureEnv, lint!.suppress],
    ["lint", { path: "src", n: "3" }, 5000, ["PATH"], ["noise"]],
  );
  assertEquals(JSON.stringify(lint!.extensionData), `{"hello":{"greeting":"hi"}}`);
  assertEquals([auto!.kind, auto!.resultFormat], ["test", "exit-code"]);
});

Deno.test(".bird/commands.toml is read as it is, unless there are commands of assay's own", async () => {
  const bird = `
    [commands.test]
    cmd = "pytest"
    description = ""
    timeout = 300
    format = "pytest_text"
    capture = false
    [commands.unit]
    cmd = "x"
    format = "junit_xml"
  `;
  const project = await load({ ".bird/commands.toml": bird });
  assertEquals(project.commands.map(({ id, resultFormat }) => [id, resultFormat]), [
    ["test", "exit-code"],
    ["unit", "junit-xml"],
  ]);
  const own = await load({
    ".bird/commands.toml": bird,
    ".assay/commands.json": '{ "commands": {} }',
  });
  assertEquals(own.commands, []);
  assertEquals(own.files, [".assay/commands.json"]);
});

Deno.test("two spellings of one file are refused", async () => {
  const error = await assertRejects(
    () =>
      load({
        ".assay/plugins.json": pluginFile("a"),
        ".assay/plugins.toml": 'name = "b"\nrunners = []',
      }),
    UserErrors,
  );
  assertStringIncludes(error.message, ".assay/plugins.toml: .assay/plugins.json exists too");
});

Deno.test("one id in two of the project's files is refused, with both places", async () => {
  const error = await assertRejects(
    () =>
      load({
        ".assay/plugins.json": pluginFile("a", unit),
        ".codeloop/plugins.json": pluginFile("b", unit),
      }),
    UserErrors,
  );
  assertEquals(
    error.message,
    'Cannot read .codeloop/plugins.json: line 3: the runner "unit" is also defined in ' +
      ".assay/plugins.json, line 3",
  );
});

Deno.test("errors of several files are reported at once, each with hint and place", async () => {
  const error = await assertRejects(
    () => load({ ".assay/config.toml": "treshold = 1", ".assay/plugins.json": "{" }),
    UserErrors,
  );
  assertEquals(error.errors.map(({ place }) => [place.file, place.line]), [
    [".assay/config.toml", 1],
    [".assay/plugins.json", 1],
  ]);
  assertEquals(error.errors[0]!.place.key, "treshold");
  assert(error.errors[0]!.hint?.includes("assay schema config"));
});

Deno.test("what cannot be read is an error with its reason, never an empty configuration", async () => {
  const message = (files: Readonly<Record<string, string>>, prepare?: (root: string) => void) =>
    withProject(files, async (root, io) => {
      prepare?.(root);
      const error = await assertRejects(() => loadProject(io, root, options), UserError);
      return error.message;
    });
  assertEquals(
    await message({ ".assay/plugins.json/x": "" }),
    "Cannot read .assay/plugins.json: it is a folder, not a file",
  );
  assertStringIncludes(await message({ ".assay": "" }), "Cannot read .assay: ");
  assertEquals(
    await message({ "x": "" }, (root) => {
      Deno.mkdirSync(`${root}/.assay`);
      Deno.symlinkSync("nowhere", `${root}/.assay/config.toml`);
    }),
    "Cannot read .assay/config.toml: it is a broken symbolic link",
  );
  assertEquals(
    await message(
      { ".assay/x": "" },
      (root) =>
        Deno.writeFileSync(`${root}/.assay/config.toml`, new Uint8Array([0xff, 0xfe, 0x41, 0])),
    ),
    "Cannot read .assay/config.toml: it is not UTF-8",
  );
});

Deno.test("a file without permission is an error with its reason", async () => {
  await withProject({ ".assay/config.toml": "" }, async (root, io) => {
    const denied = Object.assign(new Error("os error 13"), { code: "EACCES" });
    const fs = { ...io.fs, readBytes: () => Promise.reject(denied) };
    const error = await assertRejects(() => loadProject({ ...io, fs }, root, options), UserError);
    assertEquals(error.message, "Cannot read .assay/config.toml: permission denied");
  });
});

Deno.test("a missing built-in cannot be distinguished from a mistyped one without a guess", async () => {
  const error = await assertRejects(
    () => load({ ".assay/config.toml": "[runners.deno_tset]\nenabled = false" }),
    UserErrors,
  );
  assertStringIncludes(error.message, `did you mean "${builtins[0]!.runners[0]!.id}"?`);
});
