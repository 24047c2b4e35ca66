import { assertEquals } from "@std/assert";
import { nearest } from "./did_you_mean.ts";

Deno.test("the nearest name within two slips is meant", () => {
  const names = ["detect_file", "command", "cwd", "env", "test", "lint"];
  const rows: [string, string | undefined][] = [
    ["detectfile", "detect_file"],
    ["detect-file", "detect_file"],
    ["detectFile", "detect_file"],
    ["detcet_file", "detect_file"],
    ["dtectfile", "detect_file"],
    ["comand", "command"],
    ["cmd", "cwd"],
    ["tset", "test"],
    ["file", "detect_file"],
    ["unit", undefined],
    ["x", undefined],
    ["", undefined],
    ["something", undefined],
  ];
  for (const [word, expected] of rows) assertEquals(nearest(word, names), expected, word);
});
