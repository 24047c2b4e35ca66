import { assertEquals } from "@std/assert";
import { widened } from "./lock.ts";

Deno.test("widened: what was granted before is no more than it was", () => {
  assertEquals(widened({}, { read: true }), []);
  assertEquals(widened({ read: ["."], net: false }, { read: [".", "/x"] }), []);
  assertEquals(widened({ read: ["a", "b"] }, { read: true }), []);
});

Deno.test("widened: each grant that is new is named", () => {
  assertEquals(widened({ read: ["a", "b"], run: true }, { read: ["a"], run: ["git"] }), [
    "read: b",
    "run: all",
  ]);
  assertEquals(widened({ env: ["HOME"] }, {}), ["env: HOME"]);
});
