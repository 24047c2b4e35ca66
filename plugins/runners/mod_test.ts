import { assert, assertEquals } from "@std/assert";
import { options as testOptions, withProject } from "../../tests/config_project.ts";
import { detectAll } from "../../src/config/detect.ts";
import { loadProject } from "../../src/config/load.ts";
import { uncountedText } from "../../src/config/uncounted.ts";
import { builtinRunners } from "./mod.ts";

const knownFormats = [
  "junit-xml",
  "sarif",
  "rubocop-json",
  "rspec-json",
  "deno-lint-json",
  "go-test-json",
  "cargo-json",
  "exit-code",
];

const options = { ...testOptions, builtins: builtinRunners, knownFormats };

const folder = new URL("./", import.meta.url);

Deno.test("every built-in file is a plugin file like a user's own", async () => {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name.endsWith(".json")
  );
  assertEquals(names.length, builtinRunners.length);
  for (const name of names) {
    const text = await Deno.readTextFile(new URL(name, folder));
    await withProject({ ".assay/plugins.json": text }, async (root, io) => {
      const project = await loadProject(io, root, { ...options, builtins: [] });
      assert(project.runners.length > 0);
    });
  }
});

Deno.test("no two built-in runners share an id or a report", () => {
  const runners = builtinRunners.flatMap(({ runners }) => runners);
  const ids = runners.map(({ id }) => id);
  assertEquals(ids.length, new Set(ids).size);
  const files = runners.flatMap(({ result_file }) => result_file ?? []);
  assertEquals(files.length, new Set(files).size);
  for (const file of files) assert(file.startsWith(".assay/runs/{{run_id}}/"), file);
});

/** Each row: the files of a project, and the built-in runners that apply to it. */
const rows: [Record<string, string>, string[]][] = [
  [{ "README.md": "" }, []],
  [{ "deno.json": "{}" }, ["deno_check", "deno_lint", "deno_test"]],
  [{ "deno.jsonc": '{ // x\n "fmt": {}, }' }, [
    "deno_check",
    "deno_lint",
    "deno_fmt",
    "deno_test",
  ]],
  [{ "package.json": "{}" }, []],
  [{ "package.json": '{"scripts":{"build":"x","lint":"y","test":"jest"}}' }, [
    "npm_build",
    "npm_lint",
    "npm_test",
  ]],
  [{ "package.json": '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}' }, []],
  [{ "package.json": '{"scripts":{"test":"node --test"}}' }, ["node_test"]],
  [{ "package.json": '{"scripts":{"test":"node --test --test-reporter=spec"}}' }, ["npm_test"]],
  [{ "setup.py": "", "test_a.py": "" }, []],
  [{ "pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n[tool.mypy]\nstrict = true" }, [
    "pytest",
    "ruff",
    "mypy",
  ]],
  [{ "pyproject.toml": '[tool.mypy]\nfiles = ["src"]' }, ["mypy_configured"]],
  [{ "mypy.ini": "[mypy]\nfiles = src", "tox.ini": "[flake8]\nmax-line-length = 100" }, [
    "flake8",
    "mypy_configured",
  ]],
  [{ "mypy.ini": "[mypy]\nstrict = True" }, ["mypy"]],
  [{ "setup.cfg": "[metadata]\nname = x\n[tool:pytest]\n[flake8]" }, ["pytest", "flake8"]],
  [{ "setup.cfg": "[metadata]\nname = x" }, []],
  [{ "go.mod": "module x" }, ["go_build", "go_vet", "go_test"]],
  [{ "Cargo.toml": '[package]\nname = "x"' }, ["cargo_check", "cargo_test"]],
  [{ "Cargo.toml": '[lints.clippy]\nall = "warn"' }, [
    "cargo_check",
    "cargo_clippy",
    "cargo_test",
  ]],
  [{ "Gemfile": "" }, []],
  [{ ".rspec": "", ".rubocop.yml": "" }, ["rspec", "rubocop"]],
  [{ "Makefile": "all:\n\ttrue\n.PHONY: test\n" }, []],
  [{ "Makefile": "build:\n\ttrue\ntest: build\n" }, ["make_build", "make_test"]],
  [{ "makefile": "lint:\n\ttrue\n" }, ["make_lint"]],
];

Deno.test("built-in runners apply where their tool is used, and nowhere else", async () => {
  for (const [files, expected] of rows) {
    await withProject(files, async (root, io) => {
      const project = await loadProject(io, root, options);
      const detections = await detectAll(io, project);
      const ids = detections.filter(({ detected }) => detected).map(({ def }) => def.id);
      assertEquals(ids, expected, JSON.stringify(files));
    });
  }
});

Deno.test("no built-in runner declares that an exit code is all there is: a person does", async () => {
  await withProject({}, async (root, io) => {
    const { runners } = await loadProject(io, root, options);
    assertEquals(runners.filter(({ declaresExitCode }) => declaresExitCode), []);
    for (const def of runners.filter((each) => each.resultFormat === "exit-code")) {
      // What is said of it is a plugin file that replaces it and is the same but for that.
      const text = uncountedText(def, []);
      await withProject({ ".assay/plugins.toml": text.slice(text.indexOf("\n")) }, async (own) => {
        const { runners: [first], dropped } = await loadProject(io, own, options);
        const { written: _written, origin: _origin, ...expected } = def;
        const { written: _other, origin: _place, ...replaced } = first!;
        assertEquals(replaced, { ...expected, declaresExitCode: true });
        assert(dropped.some(({ id }) => id === def.id));
      });
    }
  });
});
