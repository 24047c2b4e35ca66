import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { options, withProject } from "../../tests/config_project.ts";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { detectAll } from "./detect.ts";
import { applyInit, planInit } from "./init.ts";
import { jsonSchema } from "./json_schema.ts";
import { loadProject } from "./load.ts";

const ignored =
  ".assay/runs/\n.assay/assay.db*\n.assay/counters.json*\n.assay/locks/\n.assay/tmp/\n.assay/schemas/\n";

async function init(io: Io, root: string) {
  const project = await loadProject(io, root, options);
  const plan = await planInit(io, root, await detectAll(io, project));
  await applyInit(io, root, plan);
  return plan.map(({ path, action }) => `${action} ${path}`);
}

/** What becomes of the schemas. */
function schemas(action: string): string[] {
  return ["plugins", "config", "commands"].map((name) => `${action} .assay/schemas/${name}.json`);
}

Deno.test("the schema that a file names is there, and rewritten when another version of assay wrote it", async () => {
  await withProject({ "deno.json": "{}" }, async (root, io) => {
    await init(io, root);
    const text = await Deno.readTextFile(`${root}/.assay/config.toml`);
    // Whoever wants an exit code to be all there is writes that down.
    assert(!/exit[-_]code/.test(text));
    const [, path] = /^#:schema (\S+)$/m.exec(text) ?? [];
    const schema = `${root}/.assay/${path}`;
    assertEquals(JSON.parse(await Deno.readTextFile(schema)), await jsonSchema("config"));
    await Deno.writeTextFile(schema, "{}");
    assert((await init(io, root)).includes("renew .assay/schemas/config.json"));
    assertEquals(JSON.parse(await Deno.readTextFile(schema)), await jsonSchema("config"));
  });
});

Deno.test("what init writes is read back, names what it found, and a second time changes nothing", async () => {
  await withProject({ "deno.json": "{}" }, async (root, io) => {
    assertEquals(await init(io, root), [
      "create .assay/config.toml",
      ...schemas("create"),
      "create .gitignore",
    ]);
    const text = await Deno.readTextFile(`${root}/.assay/config.toml`);
    assertStringIncludes(text, "deno_test");
    assertEquals(await Deno.readTextFile(`${root}/.gitignore`), ignored);
    const project = await loadProject(io, root, options);
    assertEquals(project.files, [".assay/config.toml"]);
    assertEquals(project.gates.threshold, 94);
    assertEquals(await init(io, root), [
      "keep .assay/config.toml",
      ...schemas("keep"),
      "keep .gitignore",
    ]);
    assertEquals(await Deno.readTextFile(`${root}/.assay/config.toml`), text);
  });
});

Deno.test("the comments of what init writes are valid configuration when taken out", async () => {
  await withProject({ "deno.json": "{}" }, async (root, io) => {
    await init(io, root);
    const file = `${root}/.assay/config.toml`;
    const text = await Deno.readTextFile(file);
    const override = text.split("\n").filter((line) =>
      /^# {3}(\[runners\.|timeout|enabled)/.test(line)
    );
    assertEquals(override.length, 3);
    await Deno.writeTextFile(file, override.map((line) => line.slice(4)).join("\n"));
    const project = await loadProject(io, root, options);
    assertEquals(project.dropped.map(({ id }) => id), ["deno_test"]);
    const plugin = text.split("\n").filter((line) => /^# {3}(# |\[\[|\w+ =)/.test(line))
      .map((line) => line.slice(4).replace(/^# /, "")).filter((line) =>
        !/^(timeout|enabled)/.test(line)
      );
    await Deno.writeTextFile(`${root}/.assay/plugins.toml`, plugin.join("\n"));
    assertEquals((await loadProject(io, root, options)).runners[0]!.id, "unit");
  });
});

Deno.test("a project of which nothing is known gets a configuration that says so", async () => {
  await withProject({ "x": "" }, async (root, io) => {
    await init(io, root);
    const text = await Deno.readTextFile(`${root}/.assay/config.toml`);
    assertStringIncludes(text, "No built-in runner applies");
    assertEquals((await loadProject(io, root, options)).runners.length, 2);
  });
});

Deno.test("any configuration that is there is kept", async () => {
  const files = {
    ".assay/plugins.json": '{ "name": "x", "runners": [] }',
    ".gitignore": "/.assay\n",
  };
  await withProject(files, async (root, io) => {
    assertEquals(await init(io, root), [
      "keep .assay/plugins.json",
      ...schemas("create"),
      "keep .gitignore",
    ]);
  });
});

Deno.test(".gitignore keeps its bytes and its line ends, and gets only what is missing", async () => {
  const rows = [
    ["", ignored],
    ["a\n", `a\n${ignored}`],
    ["a", `a\n${ignored}`],
    ["a\r\nb", `a\r\nb\r\n${ignored.replaceAll("\n", "\r\n")}`],
    [
      "/.assay/runs/\n.assay/tmp/\n",
      "/.assay/runs/\n.assay/tmp/\n.assay/assay.db*\n.assay/counters.json*\n.assay/locks/\n.assay/schemas/\n",
    ],
  ] as const;
  for (const [before, after] of rows) {
    await withProject({ ".gitignore": before }, async (root, io) => {
      await init(io, root);
      assertEquals(await Deno.readTextFile(`${root}/.gitignore`), after);
      await init(io, root);
      assertEquals(await Deno.readTextFile(`${root}/.gitignore`), after);
    });
  }
  await withProject({}, async (root, io) => {
    await Deno.writeFile(`${root}/real`, new Uint8Array([0xff, 0x0a]));
    await Deno.symlink("real", `${root}/.gitignore`);
    await init(io, root);
    assertEquals([...(await Deno.readFile(`${root}/real`)).slice(0, 3)], [0xff, 0x0a, 0x2e]);
    assert((await Deno.lstat(`${root}/.gitignore`)).isSymlink);
  });
});

Deno.test("a file that appeared since the plan is not overwritten", async () => {
  await withProject({}, async (root, io) => {
    const plan = await planInit(io, root, []);
    await Deno.mkdir(`${root}/.assay`);
    await Deno.writeTextFile(`${root}/.assay/config.toml`, "mine");
    const error = await assertRejects(() => applyInit(io, root, plan), UserError);
    assertStringIncludes(error.message, "Cannot write .assay/config.toml");
    assertEquals(await Deno.readTextFile(`${root}/.assay/config.toml`), "mine");
  });
});
