import { assertEquals } from "@std/assert";
import { problemsOf } from "./files.ts";

const shared = ["..", "shared"].join("/");
const machine = ["", "work", "main"].join("/");

Deno.test("files: a path of one developer's machine is refused, with its line", () => {
  assertEquals(problemsOf("README.md", `one\nsee ${shared}/corpus\nin ${machine}/src`), [
    { file: "README.md", line: 2, rule: "no-shared-folder" },
    { file: "README.md", line: 3, rule: "no-machine-path" },
  ]);
});

Deno.test("files: .ci/run alone may name the shared folder", () => {
  assertEquals(problemsOf(".ci/run", `cd ${shared}`), []);
  assertEquals(problemsOf(".ci/run", machine + "/").length, 1);
});

Deno.test("files: an invented path is no machine path", () => {
  assertEquals(problemsOf("tests/scripts/a.txt", "exists $HOME/work/main"), []);
  assertEquals(problemsOf("src/a.ts", 'File "/work/app/a.py", line 3'), []);
});

Deno.test("files: a source file has at most 500 lines", () => {
  assertEquals(problemsOf("src/a.ts", "\n".repeat(500)), []);
  assertEquals(problemsOf("src/a.ts", "\n".repeat(501)), [
    { file: "src/a.ts", line: 501, rule: "at-most-500-lines" },
  ]);
});
