import { assertEquals } from "@std/assert";
import { interruptedRun } from "./run_file.ts";
import { greenRun, passed, sampleAttempt } from "./_testing.ts";

Deno.test("of a dead run nothing is green but the commands that had ended, whatever it said of itself", () => {
  const ended = sampleAttempt("build", "A", passed);
  const attempts = [ended, sampleAttempt("test", "B", { verdict: "pass" })];
  const run = interruptedRun(greenRun("R", attempts, { state: "running" }));
  assertEquals([run.state, run.recommendation, run.confidence], ["interrupted", "blocked", 0]);
  assertEquals(run.gates.map(({ status, score }) => [status, score]), [["unknown", 0]]);
  assertEquals(run.attempts[0], ended);
  const { state, verdict, reasons } = run.attempts[1]!;
  assertEquals([state, verdict, reasons[0]?.code], ["interrupted", "unknown", "interrupted"]);
  assertEquals(run.warnings.length, 1);
});
