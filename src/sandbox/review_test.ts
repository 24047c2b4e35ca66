import { assert, assertEquals, assertThrows } from "@std/assert";
import { reviewOf } from "./review.ts";

Deno.test("a review is copied, without what is not known", () => {
  const review = { missing: { hosts: "no" }, caveats: { network: "abstract sockets" } };
  assertEquals(reviewOf({ ...review, more: 1 }), review);
  assertEquals(reviewOf({}), {});
});

Deno.test("a review of another shape is refused, and so is a dimension that is misspelt", () => {
  const rows: readonly (readonly [unknown, string])[] = [
    [undefined, "no object"],
    [[], "no object"],
    [{ missing: "network" }, "missing is no object"],
    [{ missing: { netwrok: "no" } }, '"netwrok", which is no dimension'],
    [{ caveats: { toString: "no" } }, '"toString", which is no dimension'],
    [{ caveats: { cpu: true } }, 'no reason for "cpu"'],
  ];
  for (const [value, expected] of rows) {
    const error = assertThrows(() => reviewOf(value), TypeError);
    assert((error as Error).message.includes(expected), (error as Error).message);
  }
});
