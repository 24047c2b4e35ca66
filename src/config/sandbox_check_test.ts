import { assertEquals, assertRejects } from "@std/assert";
import { options, withProject } from "../../tests/config_project.ts";
import { UserErrors } from "../errors.ts";
import { loadProject } from "./load.ts";
import type { Contribution, LoadOptions } from "./types.ts";

type Files = Readonly<Record<string, string>>;

async function refused(files: Files, changes: Partial<LoadOptions> = {}): Promise<UserErrors> {
  return await withProject(
    files,
    (root, io) =>
      assertRejects(() => loadProject(io, root, { ...options, ...changes }), UserErrors),
  );
}

const withEngines = (...engines: string[]) => ({
  ".assay/commands.toml": `[commands.it]\ncmd = "x"\n[commands.it.sandbox]\nengines = ${
    JSON.stringify(engines)
  }\n`,
});

Deno.test("an engine that no one provides is refused with what was meant", async () => {
  const { errors } = await refused(withEngines("bwrap", "bwarp", "firejail"), {
    engines: ["bwrap", "log"],
  });
  assertEquals(
    errors.map(({ message, place, hint }) => [message, place.line, place.key, hint]),
    [
      [
        "Cannot read .assay/commands.toml: line 4: commands.it.sandbox.engines[1]: unknown engine " +
        '"bwarp"; did you mean "bwrap"?',
        4,
        "commands.it.sandbox.engines[1]",
        "assay sandbox doctor shows every engine; a plugin can add others",
      ],
      [
        "Cannot read .assay/commands.toml: line 4: commands.it.sandbox.engines[2]: unknown engine " +
        '"firejail"; known are bwrap, log',
        4,
        "commands.it.sandbox.engines[2]",
        "assay sandbox doctor shows every engine; a plugin can add others",
      ],
    ],
  );
});

Deno.test("a list of engines that names none is refused", async () => {
  const { errors } = await refused(withEngines(), { engines: ["bwrap"] });
  assertEquals(errors.map(({ message, place }) => [message.replace(/.*: /, ""), place.key]), [[
    "expected at least one engine, found an empty list; without the key all may be chosen",
    "commands.it.sandbox.engines",
  ]]);
});

Deno.test("500 paths of a list are the most", async () => {
  const config = (count: number) => ({
    ".assay/config.json": JSON.stringify({
      sandbox: { paths_hidden: Array.from({ length: count }, (_, index) => `gone/${index}`) },
    }),
  });
  const { errors } = await refused(config(501));
  assertEquals(errors.map(({ message }) => message.replace(/.*: /, "")), [
    "expected at most 500 paths, found a list; name the folders around them",
  ]);
  await withProject(config(500), (root, io) => loadProject(io, root, options));
});

const contribution: Contribution = {
  keys: [],
  validate: () => Promise.resolve([]),
  formats: [],
  engines: ["box"],
  runners: [{
    name: "boxed",
    url: "./p.ts",
    runners: [{
      id: "boxed",
      kind: "test",
      detect_file: "x",
      command: "x",
      sandbox: { engines: ["box", "bwrap"], pids: 5 },
    }],
  }],
};

const plugin = { ".assay/config.toml": '[[plugin]]\nurl = "./p.ts"\n', "p.ts": "" };

Deno.test("engines of module plugins may be named, by their own runners too", async () => {
  const project = await withProject(
    { ...plugin, ...withEngines("box") },
    (root, io) =>
      loadProject(io, root, {
        ...options,
        engines: ["bwrap"],
        loadModules: () => Promise.resolve(contribution),
      }),
  );
  assertEquals(project.commands[0]?.sandbox?.engines, ["box"]);
  assertEquals(project.runners[0]?.sandbox?.spec, { pids: 5 });
});

Deno.test("sandboxes of module plugins' runners are checked", async () => {
  const { errors } = await refused(plugin, {
    engines: ["log"],
    loadModules: () => Promise.resolve({ ...contribution, engines: [] }),
  });
  assertEquals(errors.map(({ message }) => message), [
    'Cannot read ./p.ts: runners[0].sandbox.engines[0]: unknown engine "box"; known are log',
    'Cannot read ./p.ts: runners[0].sandbox.engines[1]: unknown engine "bwrap"; known are log',
  ]);
});

Deno.test("a contradiction has its place and what to do", async () => {
  const { errors: [error, ...others] } = await refused({
    ".assay/config.json": '{ "sandbox": { "preset": "readonly",\n  "paths_writable": ["out"] } }',
  });
  assertEquals([error?.place, error?.code, error?.hint, others], [
    { file: ".assay/config.json", line: 2, column: 3, key: "sandbox.paths_writable" },
    "config_invalid",
    'set filesystem = "scoped_write", or remove paths_writable',
    [],
  ]);
});
