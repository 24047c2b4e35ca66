import { assert, assertEquals } from "@std/assert";
import { withProject } from "../../tests/config_project.ts";
import type { Io } from "../io.ts";
import type { Detect } from "../plugin.ts";
import { defineRunner } from "./_define.ts";
import { detect, detectAll } from "./detect.ts";
import { loadProject } from "./load.ts";

function runner(detect_file: Detect | readonly Detect[]) {
  const origin = { file: "x", plugin: "x", dialect: "runners" } as const;
  return defineRunner({ id: "x", kind: "test", command: "x", detect_file }, origin);
}

/** Each row: what detects, whether it does, and why. */
async function expect(
  files: Readonly<Record<string, string>>,
  rows: readonly (readonly [Detect | readonly Detect[], boolean, string])[],
  prepare?: (root: string) => void,
): Promise<void> {
  await withProject(files, async (root, io) => {
    prepare?.(root);
    for (const [wanted, detected, why] of rows) {
      const answer = await detect(io, root, runner(wanted));
      assertEquals([answer.detected, answer.why], [detected, why], JSON.stringify(wanted));
    }
  });
}

Deno.test("paths and lists", () =>
  expect({ "manage.py": "", "a/b/c.txt": "" }, [
    ["manage.py", true, "found manage.py"],
    ["./manage.py", true, "found manage.py"],
    ["a/b/c.txt", true, "found a/b/c.txt"],
    ["a/b", true, "found a/b"],
    ["a/b/", true, "found a/b"],
    ["a/../manage.py", true, "found a/../manage.py"],
    ["Manage.py", false, "no Manage.py"],
    ["manage.py/x", false, "no manage.py/x"],
    ["a/x/c.txt", false, "no a/x/c.txt"],
    [["x", "manage.py"], true, "found manage.py"],
    [["x", "y"], false, "no x; no y"],
  ]));

Deno.test("globs", () =>
  expect(
    {
      "x.gemspec": "",
      "src/deep/er/main.py": "",
      "lib/a1.c": "",
      "node_modules/m/index.weird": "",
      "vendor/v/v.json": "",
      ".hidden/h.cfg": "",
    },
    [
      ["*.gemspec", true, 'x.gemspec matches "*.gemspec"'],
      ["*.py", false, 'no file matches "*.py"'],
      ["**/*.py", true, 'src/deep/er/main.py matches "**/*.py"'],
      ["src/**/*.py", true, 'src/deep/er/main.py matches "src/**/*.py"'],
      ["src/*/*.py", false, 'no file matches "src/*/*.py"'],
      ["lib/a?.c", true, 'lib/a1.c matches "lib/a?.c"'],
      ["lib/[ab]1.{c,h}", true, 'lib/a1.c matches "lib/[ab]1.{c,h}"'],
      ["{lib,src}/*.c", true, 'lib/a1.c matches "{lib,src}/*.c"'],
      ["**/*.weird", false, 'no file matches "**/*.weird"'],
      ["vendor/**/*.json", true, 'vendor/v/v.json matches "vendor/**/*.json"'],
      ["**/*.cfg", true, '.hidden/h.cfg matches "**/*.cfg"'],
      ["nowhere/**", false, 'no file matches "nowhere/**"'],
    ],
  ));

Deno.test("symbolic links count inside the root, and are not followed into folders", async () => {
  await withProject({ "outside/o.mark": "" }, async (outside) => {
    await expect(
      { "real/r.mark": "" },
      [
        ["link.txt", true, "found link.txt"],
        ["out.txt", false, "no out.txt"],
        ["dangling", false, "no dangling"],
        ["*.txt", true, 'link.txt matches "*.txt"'],
        ["**/o.mark", false, 'no file matches "**/o.mark"'],
        ["circle/**/r.mark", false, 'no file matches "circle/**/r.mark"'],
      ],
      (root) => {
        Deno.symlinkSync("real/r.mark", `${root}/link.txt`);
        Deno.symlinkSync(`${outside}/outside/o.mark`, `${root}/out.txt`);
        Deno.symlinkSync(`${outside}/outside`, `${root}/folder`);
        Deno.symlinkSync("nowhere", `${root}/dangling`);
        Deno.mkdirSync(`${root}/circle`);
        Deno.symlinkSync("..", `${root}/circle/up`);
      },
    );
  });
});

Deno.test("keys and texts", () =>
  expect(
    {
      "package.json": '{ "scripts": { "test": "node --test", "x": "" }, "a": { "b": { "c": 1 } } }',
      "deno.jsonc": '{ // a "comment"\n "url": "http://x", "list": [1, 2,], /* } */ "fmt": {}, }',
      "pyproject.toml": "[tool.ruff]\nline-length = 100",
      "Makefile": "test: build\n\techo\nbuild:\n",
      "broken.json": "{",
      "broken.toml": "= 1",
    },
    [
      [
        { file: "package.json", key: "scripts.test" },
        true,
        'package.json has the key "scripts.test"',
      ],
      [
        { file: "package.json", key: "scripts.lint" },
        false,
        'package.json has no key "scripts.lint"',
      ],
      [{ file: "package.json", key: "scripts.x" }, false, 'package.json has no key "scripts.x"'],
      [{ file: "package.json", key: "toString" }, false, 'package.json has no key "toString"'],
      [
        { file: "package.json", key: "scripts.test", contains: "node --test" },
        true,
        '"scripts.test" in package.json contains "node --test"',
      ],
      [
        { file: "package.json", key: "scripts.test", not_contains: ["a", "--test"] },
        false,
        '"scripts.test" in package.json contains "--test"',
      ],
      [
        { file: "package.json", key: "a.b", contains: '"c"' },
        true,
        '"a.b" in package.json contains "\\"c\\""',
      ],
      [{ file: "deno.jsonc", key: "fmt" }, true, 'deno.jsonc has the key "fmt"'],
      [
        { file: "pyproject.toml", key: "tool.ruff" },
        true,
        'pyproject.toml has the key "tool.ruff"',
      ],
      [{ file: "Makefile", contains: "\ntest:" }, true, 'Makefile contains "\\ntest:"'],
      [{ file: "Makefile", contains: "\nlint:" }, false, 'Makefile does not contain "\\nlint:"'],
      [{ file: "Makefile", not_contains: "\nlint:" }, true, "found Makefile"],
      [{ file: "nothing.json", key: "x" }, false, "no nothing.json"],
      [{ file: "*.toml", contains: "line-length" }, true, 'pyproject.toml contains "line-length"'],
    ],
  ));

Deno.test("a manifest that cannot be read counts as detected, so that its check fails aloud", async () => {
  await withProject({ "a.json": "{", "b.toml": "= 1", "c/d": "" }, async (root, io) => {
    for (const file of ["a.json", "b.toml", "c"]) {
      const { detected, why } = await detect(io, root, runner({ file, key: "x" }));
      assert(detected && why.startsWith(`found ${file}, but it `), why);
    }
  });
});

Deno.test("a runner without detect_file applies always", () =>
  expect({}, [[[], true, "always applies: it has no detect_file"]]));

Deno.test("a file is read once and a folder listed once, however many runners ask", async () => {
  await withProject({ "package.json": '{ "scripts": {} }' }, async (root, io) => {
    const asked: string[] = [];
    const spy = <T>(method: (path: string) => Promise<T>) => (path: string) => {
      asked.push(path.slice(root.length));
      return method(path);
    };
    const fs = { ...io.fs, readText: spy(io.fs.readText), list: spy(io.fs.list) };
    const counted: Io = { ...io, fs };
    const runners = ["a", "b", "c"].map((id) => ({
      ...runner({ file: "package.json", key: `scripts.${id}` }),
      id,
    }));
    const options = {
      builtins: [],
      knownFormats: [],
      extensions: { keys: [], validate: () => Promise.resolve([]) },
    };
    const project = { ...await loadProject(io, root, options), runners };
    const detections = await detectAll(counted, project);
    assertEquals(detections.map(({ detected }) => detected), [false, false, false]);
    assertEquals(asked.sort(), ["", "/package.json"]);
  });
});
