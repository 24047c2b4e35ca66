/** The gate of a kind: build, test or lint. */

import type { Attempt, Kind, Unneeded } from "../model.ts";
import {
  attemptsOf,
  doesNotApply,
  fails,
  isUnknown,
  type Judgement,
  passes,
  troubleOf,
  troubles,
  verdictOf,
} from "./_judgement.ts";
import { plural } from "./_text.ts";

/** What the gate of a kind is judged by. */
export interface KindGateInput {
  readonly attempts: readonly Attempt[];
  readonly skipped: readonly Kind[];
  readonly present: readonly Kind[];
  readonly unneeded?: readonly Unneeded[];
}

/**
 * Judges a kind by its required attempts. Those that are not required are told of in the reason: they
 * neither decide nor weigh.
 */
export function judgeKind(kind: Kind, input: KindGateInput): Judgement {
  if (input.skipped.includes(kind)) {
    return isUnknown(`not checked: some of ${kind} was left out (--skip, --only)`);
  }
  const { required, optional } = attemptsOf(input.attempts, kind);
  const spared = (input.unneeded ?? []).filter((each) => each.kind === kind);
  const judged =
    required.length + optional.length === 0 && spared[0] && !input.present.includes(kind)
      ? doesNotApply(`not needed: ${spared[0].id}: ${spared[0].reason}`)
      : judgeRequired(kind, required, input.present, optional.length);
  return optional.length === 0 ? judged : {
    ...judged,
    reason: `${judged.reason}; not required: ${optional.map(toldOf).join(", ")}`,
  };
}

function judgeRequired(
  kind: Kind,
  attempts: readonly Attempt[],
  present: readonly Kind[],
  optional: number,
): Judgement {
  if (attempts.length === 0) {
    if (optional > 0) return doesNotApply(`no ${kind} command is required`);
    return present.includes(kind)
      ? isUnknown(`no ${kind} command was run`)
      : doesNotApply(`no ${kind} command was found`);
  }
  const failed = attempts.filter((attempt) => verdictOf(attempt) === "fail");
  const unknown = attempts.filter((attempt) => verdictOf(attempt) === "unknown");
  // Where a part could not be told, no share of the whole can be either.
  if (failed.length > 0) {
    const also = unknown.length > 0 ? `; could not tell: ${troubles(unknown)}` : "";
    return fails(also === "" ? share(kind, attempts) : 0, troubles(failed) + also);
  }
  if (unknown.length > 0) return isUnknown(troubles(unknown));
  return passes(passedText(kind, attempts));
}

/** The share of units that passed. Units are tests for `test`, where there are any; else commands. */
function share(kind: Kind, attempts: readonly Attempt[]): number {
  let units = 0;
  let passed = 0;
  for (const attempt of attempts) {
    const { tests, suite_errors: suiteErrors } = attempt;
    const good = verdictOf(attempt) === "pass";
    if (kind !== "test" || tests.total === 0) {
      units += 1;
      passed += good ? 1 : 0;
    } else {
      // A command that failed though none of its tests did is itself a unit that failed.
      const bad = Math.max(tests.failed + tests.errored + suiteErrors, good ? 0 : 1);
      units += tests.passed + tests.skipped + bad;
      passed += tests.passed;
    }
  }
  return passed / units;
}

function passedText(kind: Kind, attempts: readonly Attempt[]): string {
  const sum = (of: "passed" | "skipped") =>
    attempts.reduce((total, { tests }) => total + tests[of], 0);
  const commands = `${plural(attempts.length, "command")} passed`;
  if (kind !== "test" || sum("passed") === 0) return commands;
  const skipped = sum("skipped") > 0 ? `, ${sum("skipped")} skipped` : "";
  return `${plural(sum("passed"), "test")} passed${skipped}`;
}

function toldOf(attempt: Attempt): string {
  return verdictOf(attempt) === "pass" ? `${attempt.id} passed` : troubleOf(attempt);
}
