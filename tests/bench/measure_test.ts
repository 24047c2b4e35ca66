import { assertEquals, assertThrows } from "@std/assert";
import { interleave, median, quantile, ratioOf, runOnce } from "./measure.ts";

const side = (line: string, exit = 0) => ({ argv: ["sh", "-c", line], cwd: "/", exit });
const env = { PATH: Deno.env.get("PATH") ?? "" };

Deno.test("measure: the median is the middle, or between the two in the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([1, 2, 3, 10]), 2.5);
  assertEquals(quantile([1, 2, 3, 4, 5], 0.25), 2);
  assertThrows(() => median([]), Error, "no values");
});

Deno.test("measure: a ratio is of the medians, its spread of the rounds", () => {
  assertEquals(ratioOf([2, 4, 100], [1, 4, 10]), {
    value: 1,
    unit: "×",
    spread: [1.5, 6],
    rounds: 3,
  });
});

Deno.test("measure: a command that does not exit as it must stops the benchmark", () => {
  assertEquals(runOnce(side("echo out"), env), "out\n");
  assertThrows(() => runOnce(side("echo why >&2; exit 3"), env), Error, "exit 3, expected 0\nwhy");
  assertThrows(() => interleave([side("exit 1")], 1, env), Error, "exit 1, expected 0");
});

Deno.test("measure: every side is timed once a round, and the sleep is seen", () => {
  const [none, slept] = interleave([side(":"), side("sleep 0.05")], 3, env);
  assertEquals([none!.length, slept!.length], [3, 3]);
  assertEquals(slept!.every((time) => time >= 50), true);
});
