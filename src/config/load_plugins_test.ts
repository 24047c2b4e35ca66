import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PluginError, UserError, UserErrors } from "../errors.ts";
import { defaultModuleSettings } from "../plugin_setting.ts";
import { options, withProject } from "../../tests/config_project.ts";
import { loadProject } from "./load.ts";
import type { Contribution, LoadOptions, Project } from "./types.ts";

const nothing: Contribution = {
  keys: [],
  formats: [],
  runners: [],
  validate: () => Promise.resolve([]),
};

function contributing(contribution: Partial<Contribution>): LoadOptions {
  return { ...options, loadModules: () => Promise.resolve({ ...nothing, ...contribution }) };
}

function load(files: Readonly<Record<string, string>>, using: LoadOptions): Promise<Project> {
  return withProject(files, (root, io) => loadProject(io, root, using));
}

async function errorsOf(files: Readonly<Record<string, string>>, using: LoadOptions) {
  const error = await assertRejects(() => load(files, using), UserErrors);
  return error.errors;
}

const plugin = '[[plugin]]\nurl = "./x.js"\n';

Deno.test("settings of module plugins arrive, with their defaults", async () => {
  const project = await load({
    ".assay/config.toml": `
      [[plugin]]
      url = "./x.js"
      [[plugin]]
      url = "https://example.com/y.ts"
      permissions = { read = ["."], net = true, env = false, run = [] }
      options = { level = 3, list = ["a"] }
      isolation = "none"
    `,
  }, contributing({}));
  assertEquals(project.modulePlugins, [
    {
      url: "./x.js",
      permissions: {},
      options: {},
      isolation: "worker",
      file: ".assay/config.toml",
      line: 2,
    },
    {
      url: "https://example.com/y.ts",
      permissions: { read: ["."], net: true },
      options: { level: 3, list: ["a"] },
      isolation: "none",
      file: ".assay/config.toml",
      line: 4,
    },
  ]);
  assertEquals(project.modules, defaultModuleSettings);
  assertEquals(project.extensions, {
    order: ["env", "sandbox", "platform"],
    callTimeoutMs: 10_000,
  });
});

Deno.test("[modules] and [extensions] arrive; a list of hosts replaces the default one", async () => {
  const own = await load({
    ".assay/config.json": `{ "extensions": { "order": ["b", "a"], "call_timeout": "2s" },
      "modules": { "allow": ["example.com", "[::1]:80"], "jsr": "http://127.0.0.1:1/api",
        "npm": "https://cdn.example/", "max_bytes": "1KiB", "max_modules": 2, "timeout": 3 } }`,
  }, options);
  assertEquals(own.extensions, { order: ["b", "a"], callTimeoutMs: 2000 });
  assertEquals(own.modules, {
    allow: ["example.com", "[::1]:80"],
    jsr: "http://127.0.0.1:1/api/",
    npm: "https://cdn.example/",
    maxBytes: 1024,
    maxModules: 2,
    timeoutMs: 3000,
  });
  const more = await load({ ".assay/config.toml": 'modules.allow = ["...", "a.b"]' }, options);
  assertEquals(more.modules.allow, [...defaultModuleSettings.allow, "a.b"]);
});

Deno.test("module plugins are loaded once, and only when there are some", async () => {
  let calls = 0;
  const counting: LoadOptions = {
    ...options,
    loadModules(plugins, modules) {
      calls++;
      assertEquals(plugins.map(({ url }) => url), ["./x.js"]);
      assertEquals(modules.maxModules, 9);
      return Promise.resolve(nothing);
    },
  };
  await load({ ".assay/config.toml": "[modules]\nmax_modules = 9" }, counting);
  assertEquals(calls, 0);
  await load({ ".assay/config.toml": `${plugin}[modules]\nmax_modules = 9` }, counting);
  assertEquals(calls, 1);
});

Deno.test("nothing is loaded while config.toml is wrong", async () => {
  const never: LoadOptions = { ...options, loadModules: () => Promise.reject(new Error("called")) };
  const files = { ".assay/config.toml": `${plugin}[gates]\ntreshold = 1` };
  const [error, ...rest] = await errorsOf(files, never);
  assertEquals(rest, []);
  assertStringIncludes(error!.message, 'did you mean "threshold"?');
});

Deno.test("what keeps the modules from being loaded ends the load", async () => {
  const failing: LoadOptions = {
    ...options,
    loadModules: () => Promise.reject(new UserError("the hash differs")),
  };
  const files = {
    ".assay/config.toml": plugin,
    ".assay/commands.toml": "[commands.x]\nlater = {}",
  };
  const error = await assertRejects(() => load(files, failing), UserError);
  assertEquals(error.message, "the hash differs");
  const unable = await assertRejects(() => load(files, options), UserError);
  assertEquals([unable.place.file, unable.place.line], [".assay/config.toml", 1]);
});

Deno.test("keys, formats and runners of modules are known to all other files", async () => {
  const project = await load(
    {
      ".assay/config.toml": `${plugin}[runners.mine]\nstamp = { b = 2, deep = { y = 2 } }`,
      ".assay/commands.toml": '[commands.c]\ncmd = "c"\nformat = "new"\n[commands.c.stamp]\na = 1',
      ".assay/plugins.json": `{ "name": "p", "runners": [{ "id": "own", "kind": "test",
      "detect_file": "x", "command": "own", "result_format": "new", "stamp": {} }] }`,
    },
    contributing({
      keys: ["stamp"],
      formats: ["new"],
      runners: [{
        name: "stamper",
        version: "1.2",
        url: "https://example.com/x.ts",
        runners: [
          // A plugin in JavaScript may give its runner a table of its own, which the type does not know.
          Object.assign(
            { id: "mine", kind: "test", detect_file: "x", command: "mine" } as const,
            { stamp: { a: 1, deep: { x: 1, y: 1 }, list: [1] } },
          ),
          { id: "own", kind: "test", detect_file: "x", command: "not this" },
          { id: "deno_test", kind: "test", detect_file: "x", command: "instead" },
        ],
      }],
    }),
  );
  assertEquals(project.runners.map(({ id, command }) => [id, command]), [
    ["own", "own"],
    ["mine", "mine"],
    ["deno_test", "instead"],
    ["deno_lint", "deno lint"],
  ]);
  assertEquals(project.dropped.map(({ id, why }) => [id, why]), [
    ["own", "replaced by .assay/plugins.json, line 1"],
    ["deno_test", "replaced by the plugin stamper (https://example.com/x.ts)"],
  ]);
  const mine = project.runners[1]!;
  assertEquals(mine.extensionData, {
    stamp: { a: 1, b: 2, deep: { x: 1, y: 2 }, list: [1] },
  });
  assertEquals(mine.origin, {
    file: "https://example.com/x.ts",
    plugin: "stamper",
    dialect: "runners",
  });
  assertEquals(project.runners[0]!.extensionData, { stamp: {} });
  assertEquals(JSON.stringify(project.commands[0]!.extensionData), '{"stamp":{"a":1}}');
  assertEquals(project.plugins.map(({ name, file }) => [name, file]), [
    ["p", ".assay/plugins.json"],
    ["stamper", "https://example.com/x.ts"],
    ["deno", "built-in"],
  ]);
});

Deno.test("runners of modules are checked as those of files are", async () => {
  const url = `data:text/javascript,${"x".repeat(200)}`;
  const errors = await errorsOf(
    { ".assay/config.toml": plugin },
    contributing({
      runners: [{
        name: "bad",
        url,
        runners: [
          { id: "a", kind: "test", detect_file: "../x", command: "{{what}}" },
          { id: "b", kind: "test", detect_file: "x", command: "b", result_format: "none" },
          { id: "b", kind: "test", detect_file: "x", command: "b" },
        ],
      }],
    }),
  );
  const start = `Cannot read ${url.slice(0, 79)}…: `;
  assertEquals(errors.map(({ message }) => message.replace(start, "")), [
    'runners[0].detect_file: expected a path or glob inside the project, found "../x"; it leads ' +
    "outside the project",
    "runners[0].command: unknown placeholder {{what}}; known are {{run_id}}, {{run_dir}}, {{result_file}}, " +
    "{{files}}",
    'runners[1].result_format: unknown format "none"; known are exit-code, junit-xml, ' +
    "pytest-json-report, rspec-json, jest-json, tap",
    'two runners have the id "b"',
  ]);
  assertEquals(errors[0]!.place.line, undefined);
});

Deno.test("a table that no plugin claims is reported, and what to do", async () => {
  const [near, far] = await errorsOf({
    ".assay/config.toml": plugin,
    ".assay/commands.toml": '[commands.c]\ncmd = "c"\nstam = {}\nother = {}',
  }, contributing({ keys: ["stamp"] }));
  assertStringIncludes(near!.message, 'line 3: unknown key "stam"; did you mean "stamp"?');
  assertStringIncludes(far!.message, 'unknown key "other": no plugin claims it');
  assertEquals(
    far!.hint,
    "assay plugin add URL, or remove the table",
  );
});

Deno.test("every table is checked once, merged, and all that is wrong is reported at its place", async () => {
  const seen: unknown[] = [];
  const validate = (key: string, table: Readonly<Record<string, unknown>>) => {
    seen.push([key, table]);
    const wrong = Object.entries(table).filter(([, value]) => value === "wrong");
    return Promise.resolve(wrong.map(([name]) => `${name} must be right`));
  };
  const using: LoadOptions = {
    ...contributing({ keys: ["stamp"], names: { stamp: "stamper" }, validate }),
    extensions: { keys: ["env", "hello"], validate },
  };
  const errors = await errorsOf({
    ".assay/config.toml": `${plugin}
[runners.own]
stamp.b = "wrong"
[runners.deno_test.env]
A = "wrong"
`,
    ".assay/plugins.json": `{ "name": "p", "runners": [
{ "id": "own", "kind": "test", "detect_file": "x", "command": "own",
  "env": { "B": "right" },
  "stamp": {
    "a": "wrong", "b": "right" } }] }`,
    ".assay/commands.toml": `
[commands.c]
cmd = "c"
[commands.c.stamp]
enabled = "wrong"
[commands.d]
cmd = "d"
`,
  }, using);
  assertEquals(errors.map(({ message }) => message), [
    'Cannot read .assay/config.toml: line 5: runners.own.stamp: b must be right (extension "stamper")',
    'Cannot read .assay/config.toml: line 7: runners.deno_test.env: A must be right (extension "env")',
    'Cannot read .assay/plugins.json: line 5: runners[0].stamp: a must be right (extension "stamper")',
    'Cannot read .assay/commands.toml: line 5: commands.c.stamp: enabled must be right (extension "stamper")',
  ]);
  assertEquals(errors.map(({ place }) => place.key), [
    "runners.own.stamp.b",
    "runners.deno_test.env.A",
    "runners[0].stamp.a",
    "commands.c.stamp.enabled",
  ]);
  assertEquals(seen.length, 4);
  assert(seen.some((each) => JSON.stringify(each) === '["stamp",{"a":"wrong","b":"wrong"}]'));
});

Deno.test("a sentence's dotted path is looked up; without one the error is at the table", async () => {
  const says = (...sentences: string[]) =>
    contributing({ keys: ["stamp"], validate: () => Promise.resolve(sentences) });
  const files = {
    ".assay/config.toml": plugin,
    ".assay/commands.toml": '[commands.c]\ncmd = "c"\n[commands.c.stamp]\n' +
      'limits = { cpu = 1 }\nlist = [\n"a",\n"b",\n]\n',
  };
  const errors = await errorsOf(
    files,
    says('"limits.cpu" is too small', "list[1] is no name", "missing is missing", ""),
  );
  assertEquals(errors.map(({ place }) => [place.line, place.key]), [
    [3, "commands.c.stamp"],
    [3, "commands.c.stamp"],
    [4, "commands.c.stamp.limits.cpu"],
    [7, "commands.c.stamp.list[1]"],
  ]);
});

Deno.test("an extension that cannot check its table is an error of the table, a bug stays a bug", async () => {
  const failing = (error: Error) =>
    contributing({ keys: ["stamp"], validate: () => Promise.reject(error) });
  const files = {
    ".assay/config.toml": plugin,
    ".assay/commands.toml": '[commands.c]\ncmd = "c"\nstamp = {}',
  };
  const [error] = await errorsOf(files, failing(new PluginError("no answer within 10 ms")));
  assertStringIncludes(
    error!.message,
    'line 3: commands.c.stamp: it could not be checked: no answer within 10 ms (extension "stamp")',
  );
  const [failure] = await errorsOf(
    files,
    failing(new UserError("Cannot check it", { hint: "mend it" })),
  );
  assertEquals(
    failure!.message,
    "Cannot read .assay/commands.toml: line 3: commands.c.stamp: Cannot check it",
  );
  assertEquals([failure!.hint, failure!.place.line], ["mend it", 3]);
  await assertRejects(() => load(files, failing(new TypeError("x is undefined"))), TypeError);
});

Deno.test("runners that are switched off do not have their tables checked", async () => {
  const refusing = contributing({ keys: ["stamp"], validate: () => Promise.resolve(["no"]) });
  const project = await load({
    ".assay/config.toml": `${plugin}[runners.own]\nenabled = false\nstamp = {}`,
    ".assay/plugins.json": `{ "name": "p", "runners": [
      { "id": "own", "kind": "test", "detect_file": "x", "command": "own", "stamp": {} }] }`,
  }, refusing);
  assertEquals(project.dropped.map(({ id }) => id), ["own"]);
});

Deno.test("env: variables and the extension's keys share a table; changes are merged key by key", async () => {
  const project = await load({
    ".assay/config.toml": `
      [runners.own.env]
      A = "2"
      unset = ["C"]
      set = { Y = "2" }
    `,
    ".assay/plugins.json": `{ "name": "p", "runners": [
      { "id": "own", "kind": "test", "detect_file": "x", "command": "own",
        "env": { "A": "1", "B": "1", "unset": ["A", "B"], "set": { "X": "1", "Y": "1" },
          "allow": ["PATH"], "files": [".env"], "virtualenv": ".venv" } },
      { "id": "bare", "kind": "test", "detect_file": "x", "command": "bare", "env": {} }] }`,
    ".assay/commands.toml": '[commands.c]\ncmd = "c"\nenv = { A = "1" }',
  }, options);
  assertEquals(project.runners[0]!.extensionData, {
    env: {
      A: "2",
      B: "1",
      unset: ["C"],
      set: { X: "1", Y: "2" },
      allow: ["PATH"],
      files: [".env"],
      virtualenv: ".venv",
    },
  });
  assertEquals(project.runners[1]!.extensionData, {});
  assertEquals(project.commands[0]!.extensionData, { env: { A: "1" } });
});
