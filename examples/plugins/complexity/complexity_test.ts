import { assertEquals, assertMatch } from "@std/assert";
import { type PluginProject, withServedPlugin } from "../../../tests/served_plugin.ts";
import { branches } from "./branches.ts";

const report = JSON.stringify([{
  filePath: "src/branchy.js",
  messages: [{ ruleId: "no-undef", severity: 2, message: "x is not defined", line: 1, column: 1 }],
  errorCount: 1,
  warningCount: 0,
}]);

const files = {
  "src/branchy.js": "if (a) b;\n".repeat(12),
  ".assay/report.json": report,
  ".assay/commands.toml":
    '[commands.lint]\nkind = "lint"\ncmd = "cat .assay/report.json; exit 1"\nformat = "eslint-json"\n',
};

function withComplexity(body: (project: PluginProject) => Promise<void>): Promise<void> {
  return withServedPlugin(new URL(".", import.meta.url).pathname, files, body);
}

Deno.test("complexity: a run does not call it; inspect --annotate does, and keeps what it said", () =>
  withComplexity(async ({ url, assay }) => {
    await assay(0, "plugin", "add", url("complexity.ts"), "--yes", "--allow-read=.");
    await assay(1, "run", "lint");
    assertEquals((await assay(0, "inspect", "lint:1:1")).stdout.includes("branches"), false);
    const { stdout } = await assay(0, "inspect", "lint:1:1", "--annotate");
    assertMatch(stdout, /src\/branchy\.js has 12 branches/);
    assertMatch((await assay(0, "inspect", "lint:1:1")).stdout, /has 12 branches/);
  }));

Deno.test("complexity: without the grant it reads nothing, and the run says so", () =>
  withComplexity(async ({ url, assay }) => {
    await assay(0, "plugin", "add", url("complexity.ts"));
    await assay(1, "run", "lint");
    const { stdout, stderr } = await assay(0, "inspect", "lint:1:1", "--annotate");
    assertEquals(stdout.includes("branches"), false);
    assertMatch(stderr, /complexity.*read/s);
  }));

Deno.test("complexity: words in comments and texts are no branches", () => {
  assertEquals(branches("if (a && b) c; // if\nx = 'while'; # for\nfor (;;) {}"), 3);
  assertEquals(branches("elif x:\n  pass\nexcept E:\n  pass"), 2);
});
