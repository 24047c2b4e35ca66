/** Times, counts and names as people read them. */

import type { Attempt, Run, TestCounts } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { plural } from "../../text/words.ts";
import type { ModulePluginRecord } from "../../schema/plugins.ts";

/** `0.4s`, `12.3s`, `2m05s`, `1h02m`. */
export function durationText(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes < 60) return `${minutes}m${two(rest)}s`;
  return `${Math.floor(minutes / 60)}h${two(minutes % 60)}m`;
}

/** `2026-01-02 03:04` in UTC. */
export function timeText(iso: string): string {
  return clean(iso).replace("T", " ").slice(0, 16);
}

/** `3 passed, 1 failed, 2 skipped`; what there is none of is left out. */
export function testsText({ passed, failed, errored, skipped, flaky }: TestCounts): string {
  return Object.entries({ passed, failed, errored, skipped, flaky })
    .filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`).join(", ");
}

/** `2 errors, 1 warning`; what there is none of is left out. */
export function severitiesText(severities: Attempt["severities"]): string {
  return (["error", "warning", "info"] as const).filter((severity) => severities[severity] > 0)
    .map((severity) => plural(severities[severity], severity)).join(", ");
}

export function confidenceText(confidence: number): string {
  return confidence.toFixed(1);
}

/** `main 1a2b3c4, uncommitted changes`, in a hook `staged changes`; empty outside a repository. */
export function lineageText(
  { branch, commit, dirty, verb }: Pick<Run, "branch" | "commit" | "dirty" | "verb">,
): string {
  const name = [branch, commit?.slice(0, 7)].filter((part) => part).join(" ");
  // A hook tests what is about to be committed, and sets the rest aside.
  const changes = !dirty ? "" : verb === "hook" ? "staged changes" : "uncommitted changes";
  return clean([name, changes].filter((part) => part !== "").join(", "));
}

/** What a runner's row says: all reasons of one that did not pass, else what passed. */
export function outcomeText(attempt: Attempt): string {
  if (attempt.state !== "finished") return attempt.state;
  const { verdict, reasons, tests } = attempt;
  const said = verdict === "pass" && tests.total > 0
    ? testsText(tests)
    : reasons.map(({ message }) => message.split("\n")[0]).join("; ");
  return clean(attempt.required ? said : `${said} (not required)`);
}

/** The same with what it rests on, where it ran. */
export function resultText(attempt: Attempt): string {
  const ran = attempt.state === "finished" && attempt.started_at !== null;
  return outcomeText(attempt) + (ran ? ` · evidence: ${attempt.evidence}` : "");
}

/** Whether a module plugin was loaded, and if not, whether it would be. */
export function stateText(state: ModulePluginRecord["state"]): string {
  return {
    loaded: "loaded",
    trusted: "not loaded (trusted)",
    not_trusted: "not loaded (not trusted)",
    trust_not_needed: "not loaded (trust not needed)",
  }[state];
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
