import assert from "node:assert/strict";
import { discountOn } from "./discount.ts";

Deno.test("a percentage is rounded to whole cents", () => {
  assert.equal(discountOn(999, { type: "percent", percent: 10 }), 100);
});

Deno.test("an amount applies from its threshold on", () => {
  const discount = { type: "amount", cents: 500, from: 2000 } as const;
  assert.equal(discountOn(1999, discount), 0);
  assert.equal(discountOn(2000, discount), 500);
});

Deno.test("a discount never exceeds the subtotal", () => {
  assert.equal(discountOn(300, { type: "amount", cents: 500, from: 0 }), 300);
});
