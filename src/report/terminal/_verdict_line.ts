/** The last line of a summary: what a tired person reads. */

import { type Gate, isNotNeeded, type Recommendation, type Run } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { type Look, type Mark, shouts, styles } from "./style.ts";
import { wrap } from "./width.ts";
import { confidenceText } from "./words.ts";

/** For a run of one command, which says nothing about the change. */
const words: Readonly<Record<Recommendation, string>> = {
  ready_for_review: "PASSED",
  continue_fixing: "FAILED",
  blocked: "UNKNOWN",
};

/** Whether the run says something about the change as a whole. */
export function isWhole({ verb }: Pick<Run, "verb">): boolean {
  return verb === "verify" || verb === "hook";
}

/** One line, or as many as a narrow terminal needs; `next`: the command to run next. */
export function verdictLine(run: Run, look: Look, next = nextStep(run)): string {
  // `assay gate` judges one gate more than the run did.
  const fresh = run.gates.some(({ id }) => id === "fresh") ? " with fresh" : "";
  const facts = [
    ...causeOf(run),
    ...!isWhole(run)
      ? ["partial run; run `assay verify` for all checks"]
      : run.confidence < 100
      ? [`confidence ${confidenceText(run.confidence)}${fresh} (${run.threshold} needed)`]
      : [],
    `run ${clean(run.run_id)}`,
    ...next === "" || isReady(run) ? [] : [`next: ${next}`],
  ];
  return shoutLine(run, facts, look);
}

/** The verdict word, followed by facts. */
export function shoutLine(run: Run, facts: readonly string[], { columns, color }: Look): string {
  const style = styles(color);
  const shout = shoutOf(run);
  const [first = "", ...rest] = wrapFacts(facts, columns - shout.text.length - 2);
  const indent = " ".repeat(shout.text.length + 2);
  const head = `${style.bold(style[shout.color](shout.text))}  ${first}\n`;
  return head + rest.map((line) => `${indent}${line}\n`).join("");
}

export function shoutOf(run: Run): Mark {
  if (run.state !== "finished") return { text: run.state.toUpperCase(), color: "yellow" };
  const shout = shouts[run.recommendation];
  return isWhole(run) ? shout : { ...shout, text: words[run.recommendation] };
}

function isReady({ recommendation }: Run): boolean {
  return recommendation === "ready_for_review";
}

/** What says more than a run's summary, or changes its result. */
export function nextStep(run: Run): string {
  const { attempts, state, coverage, gates } = run;
  const [first] = attempts;
  if (first && !isWhole(run)) return `assay inspect ${clean(first.ref)}`;
  if (state !== "finished") return stepAfterFix(run).replace(/^then /, "");
  if (attempts.some((each) => each.required && each.verdict !== "pass" && !isNotNeeded(each))) {
    return "assay diagnose";
  }
  const isOld = gates.some(({ id, status }) => id === "fresh" && status !== "pass");
  if (coverage?.skipped.length || isOld) return "assay verify";
  return first ? "assay gate --explain" : "assay plugin list";
}

/** What to do when what `assay diagnose` shows is fixed. */
export function stepAfterFix({ verb, attempts, dirty, state }: Run): string {
  if (verb === "hook" && state !== "finished") return `git ${dirty ? "commit" : "push"} again`;
  if (verb === "hook") return dirty ? "stage it, then git commit" : "commit it, then git push";
  const name = verb === "run" && attempts[0]?.name;
  return `then assay ${name && name !== "run" ? `run ${clean(name)}` : "verify"}`;
}

/** The gates a run judged. For a single command, its own row says what its kind's gate would. */
export function judgedGates(run: Run): readonly Gate[] {
  if (isWhole(run)) return run.gates;
  return run.gates.filter(({ id, status }) =>
    status !== "not_applicable" && !run.attempts.some(({ kind }) => kind === id)
  );
}

/**
 * Why a run is not ready: the deciding gates, by name. Failures come first, without a label after FAILED.
 *
 * @param withReason whether a waiver's reason is not shown beside it
 */
export function causeOf(run: Run, withReason = false): string[] {
  const { gates, recommendation, attempts, state } = run;
  const none = attempts.length > 0 ? [] : [noneText(run, withReason)];
  if (isReady(run)) {
    const waived = gates.filter(({ status }) => status === "waived").map(({ id }) => clean(id));
    return attempts.length === 0 || waived.length === 0 ? none : [`${waived.join(", ")} waived`];
  }
  const named = (status: "unknown" | "fail") =>
    judgedGates(run).filter((gate) => gate.required && gate.status === status)
      .map(({ id }) => clean(id)).join(", ");
  const isFailed = state === "finished" && recommendation === "continue_fixing";
  const failed = named("fail");
  const unknown = named("unknown");
  const causes = [
    ...none,
    ...failed === "" ? [] : [isFailed ? failed : `failed: ${failed}`],
    ...unknown === "" ? [] : [`unknown: ${unknown}`],
  ];
  const isUnexplained = causes.length === 0 && isWhole(run) && state === "finished" && !isFailed;
  return isUnexplained ? ["no required command passed"] : causes;
}

function noneText({ state, gates, recommendation, unneeded }: Run, withReason: boolean): string {
  if (state !== "finished" || recommendation !== "ready_for_review") return "nothing was run";
  if (unneeded?.length) return "nothing was needed";
  const waived = gates.find(({ id, status }) => id === "test" && status === "waived");
  return `nothing to run; test waived${withReason ? `: ${clean(waived?.reason ?? "")}` : ""}`;
}

/** Facts joined by `·`, wrapped between facts. */
function wrapFacts(facts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const fact of facts) {
    const last = lines.at(-1);
    const joined = `${last} · ${fact}`;
    if (last !== undefined && joined.length <= columns) lines[lines.length - 1] = joined;
    else lines.push(...wrap(fact, columns));
  }
  return lines;
}
