/** The last line of a summary: what a tired person reads. */

import type { Recommendation, Run } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { type Look, type Mark, shouts, styles } from "./style.ts";
import { wrap } from "./width.ts";
import { confidenceText } from "./words.ts";

/** Of a run that looked at one command: what it did is no word about the change. */
const words: Readonly<Record<Recommendation, string>> = {
  ready_for_review: "PASSED",
  continue_fixing: "FAILED",
  blocked: "UNKNOWN",
};

/** Whether it says something of the change as a whole. */
function isWhole({ verb }: Run): boolean {
  return verb === "verify" || verb === "hook";
}

/** One line, or as many as a narrow terminal needs. */
export function verdictLine(run: Run, { columns, color }: Look): string {
  const style = styles(color);
  const shout = shoutOf(run);
  const facts = [
    ...isWhole(run) ? [run.recommendation] : [],
    ...causeOf(run),
    ...isWhole(run)
      ? [`confidence ${confidenceText(run.confidence)} of ${run.threshold} needed`]
      : ["says nothing of the rest: assay verify does"],
    `run ${clean(run.run_id)}${nextStep(run)}`,
  ];
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

function nextStep({ recommendation, attempts }: Run): string {
  if (recommendation === "ready_for_review") return "";
  return attempts.length === 0 ? " (assay plugin list)" : " (assay diagnose)";
}

/** Why assay could not tell, or what does not pass: the gates that decide, by name. */
export function causeOf(run: Run): string[] {
  const { gates, recommendation, attempts, state } = run;
  const none = attempts.length > 0 ? [] : [noneText(run)];
  const named = (status: "unknown" | "fail") =>
    gates.filter((gate) => gate.required && gate.status === status).map(({ id }) => clean(id));
  if (recommendation === "ready_for_review") {
    const waived = gates.filter(({ status }) => status === "waived").map(({ id }) => clean(id));
    return attempts.length === 0 || waived.length === 0 ? none : [`waived: ${waived.join(", ")}`];
  }
  const failed = named("fail");
  const unknown = named("unknown");
  return [
    ...none,
    ...failed.length > 0 ? [`failed: ${failed.join(", ")}`] : [],
    ...unknown.length > 0 ? [`could not tell: ${unknown.join(", ")}`] : [],
    ...state === "finished" && recommendation === "blocked" &&
        none.length + failed.length + unknown.length === 0
      ? ["no required command passed"]
      : [],
  ];
}

function noneText({ state, gates, recommendation, unneeded }: Run): string {
  if (state !== "finished" || recommendation !== "ready_for_review") return "nothing was run";
  if (unneeded?.length) return "nothing was needed";
  const waived = gates.find(({ id, status }) => id === "test" && status === "waived");
  return `nothing to run; test waived: ${clean(waived?.reason ?? "")}`;
}

/** Facts joined by `·`, broken between facts where the line is full. */
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
