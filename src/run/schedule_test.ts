import { assert, assertEquals } from "@std/assert";
import { schedule } from "./plan.ts";

Deno.test("work starts in order, at most so many at once, and results keep the order", async () => {
  let running = 0;
  let most = 0;
  const started: number[] = [];
  const results = await schedule([30, 10, 20, 5, 1], 2, async (ms) => {
    started.push(ms);
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, ms));
    running--;
    return ms * 2;
  });
  assertEquals(results, [60, 20, 40, 10, 2]);
  assertEquals(started, [30, 10, 20, 5, 1]);
  assertEquals(most, 2);
});

Deno.test("no work is no wait", async () => {
  assert((await schedule([], 4, () => Promise.reject(new Error("never called")))).length === 0);
});
