import assert from "node:assert/strict";
import { addItem, totalOf } from "./cart.ts";

const tea = { name: "tea", price: 450, quantity: 2 };
const cup = { name: "cup", price: 1200, quantity: 1 };

Deno.test("the same item grows in quantity", () => {
  assert.deepEqual(addItem([tea, cup], { ...tea, quantity: 3 }), [{ ...tea, quantity: 5 }, cup]);
});

Deno.test("a quantity below one is refused", () => {
  assert.throws(() => addItem([], { ...tea, quantity: 0 }), RangeError);
});

Deno.test("an empty cart costs nothing", () => {
  assert.deepEqual(totalOf([]), { subtotal: 0, discount: 0, total: 0 });
});

Deno.test("the best discount counts", () => {
  const total = totalOf([tea, cup], [
    { type: "percent", percent: 10 },
    { type: "amount", cents: 500, from: 2000 },
  ]);
  assert.deepEqual(total, { subtotal: 2100, discount: 500, total: 1600 });
});
