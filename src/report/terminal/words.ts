/** Times, counts and names for people. */

import type { Attempt, Diagnosis, Gate, Run, TestCounts, Verdict } from "../../model.ts";
import { clean } from "../../text/clean.ts";
import { listed, plural } from "../../text/words.ts";
import type { ModulePluginRecord } from "../../schema/plugins.ts";

/** `2026-01-02 03:04:05` in UTC. */
export function timeText(iso: string): string {
  return clean(iso).replace("T", " ").slice(0, 19);
}

/** `3 passed, 1 failed, 2 skipped`; zero counts are left out. */
export function testsText({ passed, failed, errored, skipped, flaky }: TestCounts): string {
  return Object.entries({ passed, failed, errored, skipped, flaky })
    .filter(([, count]) => count > 0).map(([word, count]) => `${count} ${word}`).join(", ");
}

/** `2 errors, 1 warning`; zero counts are left out. */
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

/** What a hook set aside, unless a diagnosis is about it. */
export function untestedTexts(
  { untested = [] }: Pick<Run, "untested">,
  diagnoses: readonly Diagnosis[] = [],
): string[] {
  const paths = untested.map(({ path }) => path);
  const isTold = diagnoses.some(({ task }) => paths.some((path) => task.startsWith(`${path} `)));
  if (paths.length === 0 || isTold) return [];
  const subject = untested[0]!.state === "uncommitted" ? "committed" : "staged";
  return [`tested what is ${subject}, without ${listedShort(paths)}`];
}

/** The text of a runner's row: all reasons if it did not pass, else what passed. */
export function outcomeText(attempt: Attempt): string {
  if (attempt.state !== "finished") return attempt.state;
  const { verdict, reasons, tests } = attempt;
  const said = verdict === "pass" && tests.total > 0
    ? testsText(tests)
    : reasons.map(({ message }) => message.split("\n")[0]).join("; ");
  return clean(attempt.required ? said : `${said} (not required)`);
}

/** Why a gate has its status, next to rows of the commands: those say what is wrong, this only names them. */
export function gateText({ id, status, reason }: Gate, attempts: readonly Attempt[]): string {
  const own = attempts.filter(({ kind, required }) => kind === id && required);
  const failed = own.filter((attempt) => verdictOf(attempt) === "fail");
  const unknown = own.filter((attempt) => verdictOf(attempt) === "unknown");
  const isPlain = status === "pass" || status === "not_applicable";
  if (isPlain || failed.length + unknown.length === 0) return reason;
  const waiver = status === "waived" ? reason.split(" (otherwise ").slice(0, 1) : [];
  return [...waiver, ...named(failed, "failed"), ...named(unknown, "unknown")].join("; ");
}

function verdictOf({ state, verdict }: Attempt): Verdict {
  return state === "finished" ? verdict : "unknown";
}

/** The first few by name, and their results. */
function named(attempts: readonly Attempt[], what: string): string[] {
  return attempts.length === 0 ? [] : [`${listedShort(attempts.map(({ name }) => name))} ${what}`];
}

function listedShort(names: readonly string[]): string {
  return listed(
    names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more`] : names,
  );
}

/** What the outcome is based on; empty if nothing ran. */
export function evidenceText({ state, started_at, evidence }: Attempt): string {
  return state === "finished" && started_at !== null ? evidence.replaceAll("_", " ") : "";
}

/** What to write where no runner applies. */
export const exampleRunner = `Write one to .assay/plugins.toml:

  name = "my-project"
  [[runners]]
  id = "unit"
  kind = "test"
  command = "python3 -m pytest --junit-xml={{result_file}}"
  result_file = ".assay/runs/{{run_id}}/unit.xml"
  result_format = "junit-xml"
`;

/** Whether a module plugin was loaded, and if not, whether it would be. */
export function stateText(state: ModulePluginRecord["state"]): string {
  return {
    loaded: "loaded",
    trusted: "trusted; loaded when a check runs",
    not_trusted: "not trusted, so no check runs",
    trust_not_needed: "loaded when a check runs",
  }[state];
}
