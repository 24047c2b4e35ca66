import { assertEquals } from "@std/assert";
import { programOf } from "./doctor.ts";

Deno.test("assignments before a command are not taken for its program", () => {
  assertEquals(programOf("NODE_OPTIONS=--experimental-vm-modules node jest.js"), "node");
  assertEquals(programOf("PATH=\"$PWD/.venv/bin:$PATH\" A='b c' ruff check"), "ruff");
  assertEquals(programOf("A= B=c\\ d ./run.sh"), "./run.sh");
  assertEquals(programOf("  deno test"), "deno");
  assertEquals(programOf("make"), "make");
  assertEquals(programOf("A=1; make"), undefined);
  assertEquals(programOf("$TOOL --check"), undefined);
  assertEquals(programOf("A=1"), undefined);
});
