import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { aRun } from "../../tests/records.ts";
import type { Run } from "../model.ts";
import type { JudgedRun } from "../store/types.ts";
import { isWhole, newestJudged } from "./_stored.ts";

/** As the store gives them: those that judged a change. */
async function* judgedOf(runs: readonly Run[]): AsyncIterable<JudgedRun> {
  for (const run of runs) if (run.verb === "verify" || run.verb === "hook") yield { run };
}

const coverage = (partial: boolean) => ({ present: [], skipped: [], partial });

const whole = aRun({ coverage: coverage(false) });
const part = aRun({ verb: "hook", coverage: coverage(true) });
const failed = (run: Run): Run => ({ ...run, recommendation: "continue_fixing" });

/** The newest first: which is judged, by its place, and how many are passed over. */
const rows: readonly (readonly [string, readonly Run[], number, number])[] = [
  ["a whole run", [whole, failed(whole)], 0, 0],
  ["a whole run that failed", [failed(whole), whole], 0, 0],
  ["a part that passed is passed over", [part, part, failed(whole)], 2, 2],
  ["a part that failed blocks", [failed(part), whole], 0, 0],
  ["whatever part passed after it", [part, failed(part), whole], 1, 1],
  ["until a newer whole run", [part, whole, failed(part)], 1, 1],
  [
    "a hook is about a part, whatever it found",
    [{ ...part, coverage: coverage(false) }, whole],
    1,
    1,
  ],
  ["verify with something left out is, too", [{ ...whole, coverage: coverage(true) }, whole], 1, 1],
  ["a part that was interrupted blocks", [{ ...part, state: "interrupted" }, whole], 0, 0],
  ["one command is no word about the change", [{ ...whole, verb: "run" }, failed(whole)], 1, 0],
  ["only parts", [part, part], -1, 2],
  ["none", [], -1, 0],
];

for (const [name, runs, judged, passedOver] of rows) {
  Deno.test(`the run that gate judges: ${name}`, async () => {
    const found = await newestJudged(judgedOf(runs));
    assertEquals(found.run, runs[judged]);
    assertEquals(found.passedOver.length, passedOver);
  });
}

Deno.test("a run that does not say what it was about is not whole", () => {
  assertEquals(isWhole(aRun()), false);
});

Deno.test("what gate judges is whole, or did not pass; and no newer one that judges a change did not pass", async () => {
  const anyRun = fc.record({
    verb: fc.constantFrom("verify", "verify", "hook", "run"),
    state: fc.constantFrom<Run["state"]>(
      "finished",
      "finished",
      "finished",
      "interrupted",
      "running",
    ),
    recommendation: fc.constantFrom<Run["recommendation"]>(
      "ready_for_review",
      "continue_fixing",
      "blocked",
    ),
    coverage: fc.boolean().map(coverage),
  }).map(aRun);
  const passed = ({ state, recommendation }: Run) =>
    state === "finished" && recommendation === "ready_for_review";
  await fc.assert(fc.asyncProperty(fc.array(anyRun, { maxLength: 8 }), async (runs) => {
    const { run } = await newestJudged(judgedOf(runs));
    const judges = runs.filter(({ verb }) => verb === "verify" || verb === "hook");
    const newer = run ? judges.slice(0, judges.indexOf(run)) : judges;
    return newer.every(passed) && (run === undefined || !passed(run) || isWhole(run));
  }));
});
