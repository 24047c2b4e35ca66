/** The documents' tables that are written by hand say what the sources say. */

import { assert, assertEquals } from "@std/assert";
import { verbs } from "../src/cli/verbs.ts";
import { runnerSchema } from "../src/config/runner_schema.ts";
import { configSchema } from "../src/config/config_schema.ts";
import { ExitCode } from "../src/errors.ts";
import { outputSchema } from "../src/schema/outputs.ts";
import { permissionFlags, projectRoot } from "./support.ts";

const read = (path: string) => Deno.readTextFileSync(projectRoot + path);

/** The rows of a document's table with this head, as cells. */
function rowsOf(path: string, head: string): string[][] {
  const document = read(path);
  const start = document.indexOf(`\n| ${head} |`);
  assert(start >= 0, `${path} has no table | ${head} |`);
  const lines = document.slice(start + 1).split("\n");
  const end = lines.findIndex((line) => !line.startsWith("|"));
  return lines.slice(2, end).map((line) =>
    line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim())
  );
}

/** The words of code in a cell. */
function codesIn(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]+)`/g), ([, code]) => code!);
}

Deno.test("docs: the table of outcomes has every reason there is, with its verdict", async () => {
  const schema = JSON.stringify(await outputSchema("run"));
  const [, list] = /"code":\{"enum":(\["ok"[^\]]*\])/.exec(schema) ?? [];
  const rows = rowsOf("docs/verdicts.md", "code | verdict | when");
  const shown = rows.flatMap(([codes]) => codesIn(codes!));
  assertEquals(shown.toSorted(), (JSON.parse(list!) as string[]).toSorted());
  for (const [, verdict] of rows) {
    assert(["pass", "fail", "unknown"].includes(verdict!), verdict);
  }
});

Deno.test("docs: the table of exit codes has every one", () => {
  assertEquals(
    rowsOf("docs/verdicts.md", "code | meaning").map(([code]) => Number(code)),
    Object.values(ExitCode),
  );
});

Deno.test("docs: the table of permissions is of the flags that assay is started with", () => {
  const shown = rowsOf("docs/permissions.md", "flag | why").map(([flag]) => codesIn(flag!)[0]);
  assertEquals(shown.toSorted(), permissionFlags().toSorted());
});

Deno.test("docs: the table of runner fields has every key of a runner", () => {
  const shown = rowsOf("docs/runners.md", "runner field | meaning").flatMap(([field]) =>
    codesIn(field!)
  );
  const keys = Object.keys(runnerSchema.entries);
  const undocumented = ["description", "inputs"];
  assertEquals(keys.filter((key) => !shown.includes(key) && !undocumented.includes(key)), []);
  assertEquals(shown.filter((key) => !keys.includes(key) && key !== "platform"), []);
});

Deno.test("docs: the table of files names tables of config.toml that exist", () => {
  const [, , ...rest] = rowsOf("docs/runners.md", "file | what");
  const text = rest.map((cells) => cells.join(" ")).join("\n");
  const named = Array.from(text.matchAll(/\[+([a-z]+)[\].]/g), ([, name]) => name!);
  assert(named.length > 4);
  for (const name of named) assert(name in configSchema.entries, name);
});

Deno.test("docs: the table of dependencies has each one with its reason, and nothing else", () => {
  const text = read("deno.json");
  const imports = Array.from(
    text.matchAll(/^ {4,6}"(@?[\w./-]+)": "(?:npm:|jsr:|\.\/)/gm),
    ([, name]) => name!,
  );
  const packages = imports.filter((name) => !name.startsWith("assay/"))
    .map((name) => name.startsWith("@std/cli") ? name : packageOf(name));
  const shown = rowsOf("docs/dependencies.md", "import | bound to | why").flatMap(([names]) =>
    codesIn(names!)
  );
  assertEquals([...new Set(shown)].toSorted(), [...new Set(packages)].toSorted());
});

/** The package of an import: `@scope/name`, or `name`. */
function packageOf(name: string): string {
  return name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
}

Deno.test("README: who else is compared is named with what it does that assay does not", () => {
  const rows = read("README.md").split("## How it differs")[1]!.split("\n## ")[0]!;
  for (const name of ["pre-commit", "prek", "lefthook", "hk", "isitdone", "CodeLoop", "blq"]) {
    assert(rows.includes(`| ${name} |`) || rows.includes(`| [${name}](`), name);
  }
});

Deno.test("docs: the reference of verbs has a chapter for each, and no other", () => {
  const chapters = Array.from(read("docs/cli.md").matchAll(/^## (.*)$/gm), ([, name]) => name);
  assertEquals(chapters, verbs.map(({ name }) => name));
});
