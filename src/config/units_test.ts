import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { maxDurationMs, parseDuration, parseSize } from "./units.ts";

Deno.test("durations", () => {
  const rows: [string | number, number | undefined][] = [
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["500ms", 500],
    ["1m500ms", 60_500],
    ["1.5s", 1500],
    ["0.1ms", 1],
    ["2d", 172_800_000],
    [30, 30_000],
    [0.25, 250],
    [0, undefined],
    [-1, undefined],
    [NaN, undefined],
    ["", undefined],
    ["5", undefined],
    ["5 m", undefined],
    ["m", undefined],
    ["30m1h", undefined],
    ["5m5m", undefined],
    ["0s", undefined],
    ["25d", undefined],
    ["-5m", undefined],
    [1e12, undefined],
  ];
  for (const [text, ms] of rows) assertEquals(parseDuration(text), ms, String(text));
});

Deno.test("property: a duration is the sum of its parts, or refused when no timer can wait so long", () => {
  const part = fc.option(fc.nat({ max: 500 }), { nil: undefined });
  fc.assert(fc.property(part, part, part, part, part, (d, h, m, s, ms) => {
    const parts = [[d, "d"], [h, "h"], [m, "m"], [s, "s"], [ms, "ms"]] as const;
    const text = parts.map(([n, unit]) => n === undefined ? "" : `${n}${unit}`).join("");
    const sum = (d ?? 0) * 86_400_000 + (h ?? 0) * 3_600_000 + (m ?? 0) * 60_000 +
      (s ?? 0) * 1000 + (ms ?? 0);
    assertEquals(parseDuration(text), sum > 0 && sum <= maxDurationMs ? sum : undefined);
  }));
});

Deno.test("sizes", () => {
  const rows: [string | number, number | undefined][] = [
    ["64MiB", 64 * 1024 ** 2],
    ["64 MiB", 64 * 1024 ** 2],
    ["256m", 256 * 1024 ** 2],
    ["2g", 2 * 1024 ** 3],
    ["1KB", 1000],
    ["1.5k", 1536],
    ["10b", 10],
    ["10", 10],
    [4096, 4096],
    [0, undefined],
    ["0", undefined],
    ["", undefined],
    ["MiB", undefined],
    ["1e3", undefined],
    ["999999t", undefined],
  ];
  for (const [text, bytes] of rows) assertEquals(parseSize(text), bytes, String(text));
});
