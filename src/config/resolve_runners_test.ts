import { assertEquals } from "@std/assert";
import { load } from "../../tests/config_project.ts";

async function define(entry: Record<string, unknown>) {
  const plugins = [{ name: "x", command: "x", ...entry }];
  const project = await load({ ".assay/plugins.json": JSON.stringify({ plugins }) });
  return project.runners[0]!;
}

Deno.test("arguments are joined into a shell line, each as one word", async () => {
  const def = await define({
    command: "bundle exec",
    args: ["a b", "it's", "--out=<id>", "", "$HOME", "plain"],
    timeout_ms: 1500,
    cwd: "sub",
  });
  assertEquals(def.command, `bundle exec 'a b' 'it'\\''s' '--out=<id>' '' '$HOME' plain`);
  assertEquals([def.timeoutMs, def.cwd, def.detect], [1500, "sub", []]);
  assertEquals(def.origin.dialect, "plugins");
});

Deno.test("parse_output says how the result is read", async () => {
  const rows: [Record<string, unknown>, string, string, string | undefined][] = [
    [{}, "build", "exit-code", undefined],
    [{ parse_output: "none" }, "build", "exit-code", undefined],
    [{ parse_output: "exit_code", name: "eslint" }, "lint", "exit-code", undefined],
    [{ name: "unit-tests" }, "test", "exit-code", undefined],
    [{ name: "unit-tests", kind: "build" }, "build", "exit-code", undefined],
    [{ parse_output: "tap" }, "test", "tap", undefined],
    [{ parse_output: "rspec_json" }, "test", "rspec-json", undefined],
    [{ parse_output: "rspec_json", args: ["--out", "r.json"] }, "test", "rspec-json", "r.json"],
    [{ parse_output: "jest", args: ["--json", "--outputFile=j"] }, "test", "jest-json", "j"],
    [{ parse_output: "jest", args: ["-o", "x"] }, "test", "jest-json", undefined],
    [{ parse_output: "tap", args: ["--out", "x"] }, "test", "tap", undefined],
    [
      { parse_output: "pytest", args: ["--json-report-file=runs/<id>/p.json"] },
      "test",
      "pytest-json-report",
      "runs/<id>/p.json",
    ],
    [{ parse_output: "pytest", args: ["--junitxml", "p.xml"] }, "test", "junit-xml", "p.xml"],
    [{ parse_output: "pytest" }, "test", "junit-xml", ".assay/runs/{{run_id}}/x.xml"],
  ];
  for (const [entry, kind, format, file] of rows) {
    const def = await define(entry);
    assertEquals(
      [def.kind, def.resultFormat, def.resultFile],
      [kind, format, file],
      JSON.stringify(entry),
    );
  }
});

Deno.test("pytest without a report is asked for one", async () => {
  const { command } = await define({ parse_output: "pytest", command: "tox", args: ["-q"] });
  assertEquals(command, 'PYTEST_ADDOPTS="${PYTEST_ADDOPTS-} --junit-xml="{{result_file}} tox -q');
});
