import { assertEquals } from "@std/assert";
import type { ReportParser } from "../plugin.ts";
import { resultFormats } from "./types.ts";

function parser(format: string, holds: ReportParser["holds"]): ReportParser {
  return { format, holds, description: "", async *parse() {} };
}

Deno.test("a runner may choose every format that can prove something, and no other", () => {
  const parsers = [
    parser("a", "tests"),
    parser("b", "nothing"),
    parser("c", "diagnostics"),
    parser("d", "either"),
  ];
  assertEquals(resultFormats(parsers), ["exit-code", "a", "c", "d"]);
});
