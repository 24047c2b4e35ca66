import { assert, assertEquals } from "@std/assert";
import { textOf } from "../../../tests/support.ts";
import { shellWords } from "./sandbox.ts";

const words = [
  "bwrap",
  "--ro-bind",
  "/",
  "",
  " two  blanks ",
  "it's",
  `"$HOME" \`id\` $(id) \\n`,
  "a\nb\tc",
  "'\x1b[2J\u202e\u200b\u00a0'",
  "é漢🦊\u{e0001}0",
  "-e",
  "sh",
  "-c",
  "cd x && FOO=1 a | b > f; c*",
];

for (const columns of [10, 40, 1000]) {
  Deno.test(`what is printed at ${columns} columns is read back by bash as it was`, async () => {
    const line = shellWords(["printf", "%s\\0", ...words], columns).join("\n");
    const { stdout } = await new Deno.Command("bash", {
      args: ["-c", line],
      env: { LC_ALL: "C.UTF-8" },
    }).output();
    assertEquals(textOf(stdout).split("\0").slice(0, -1), words);
  });
}

Deno.test("nothing that moves the cursor or turns the text is printed, and lines are filled", () => {
  const lines = shellWords(words, 40);
  // deno-lint-ignore no-control-regex -- what must never be printed
  assert(!/[\x00-\x1f\x7f-\x9f\u200b-\u202e\ufeff]/.test(lines.join("")));
  assertEquals(shellWords(["aaa", "bbb", "ccc"], 9), ["aaa bbb \\", "ccc"]);
  assertEquals(shellWords(["a".repeat(20), "b"], 9), [`${"a".repeat(20)} \\`, "b"]);
});
