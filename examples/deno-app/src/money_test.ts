import assert from "node:assert/strict";
import { formatMoney, parseMoney } from "./money.ts";

Deno.test("parseMoney reads whole units and cents", () => {
  assert.equal(parseMoney("12"), 1200);
  assert.equal(parseMoney("12.5"), 1250);
  assert.equal(parseMoney(" 0.05 "), 5);
});

Deno.test("parseMoney refuses what is no amount", () => {
  for (const text of ["", "1,50", "1.234", "-3", "twelve"]) {
    assert.throws(() => parseMoney(text), RangeError);
  }
});

Deno.test("formatMoney writes two decimals", () => {
  assert.equal(formatMoney(0), "0.00");
  assert.equal(formatMoney(1205), "12.05");
  assert.equal(formatMoney(-50), "-0.50");
});
