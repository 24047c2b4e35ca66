import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Io } from "./io.ts";
import { realIo } from "./real_io.ts";
import { ulid } from "./ulid.ts";

function ioAt(clock: { now: number }, byte?: number): Io {
  const real = realIo();
  const random = (count: number) =>
    byte === undefined ? real.random(count) : new Uint8Array(count).fill(byte);
  return { ...real, now: () => clock.now, random };
}

Deno.test("ulid writes the time in its first ten characters, as the specification's example does", () => {
  const id = ulid(ioAt({ now: 1469918176385 }));
  assertMatch(id, /^[0-9A-HJKMNP-TV-Z]{26}$/);
  assertEquals(id.slice(0, 10), "01ARYZ6S41");
});

Deno.test("ulid uses every random bit", () => {
  assertEquals(ulid(ioAt({ now: 0 }, 0)), "0".repeat(26));
  assertEquals(ulid(ioAt({ now: 0 }, 255)), "0".repeat(10) + "Z".repeat(16));
  assertEquals(ulid(ioAt({ now: 0 }, 0b10000100)).slice(10, 14), "GJ28");
});

Deno.test("ulids ascend within a millisecond, over the last random bit, and when the clock steps back", () => {
  const clock = { now: 5000 };
  const io = ioAt(clock, 255);
  const ids = [ulid(io), ulid(io), ulid(io)];
  clock.now = 4000;
  ids.push(ulid(io));
  clock.now = 6000;
  ids.push(ulid(io));
  assertEquals(ids, ids.toSorted());
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("10,000 ulids of one process are distinct and sorted", () => {
  const io = realIo();
  const ids = Array.from({ length: 10_000 }, () => ulid(io));
  assertEquals(ids, ids.toSorted());
  assert(new Set(ids).size === ids.length);
});
