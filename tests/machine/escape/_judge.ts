/** Whether what was done inside of a sandbox agrees with what is recorded of it. */

import type { SandboxFact } from "../../../src/model.ts";
import type { Act, Attempt, Result } from "./_world.ts";

/** What is wrong with a control: an act that does not work unsandboxed proves nothing. */
export function problemsOfControl(result: Result): string[] {
  if (!attemptOf(result)) return [notRun(result)];
  return result.acts.filter((act) => untried(act, result) === undefined).flatMap((act) => {
    const worked = act.ok === true;
    const witnessed = act.kind === "allow" || act.claimed || act.seen !== null;
    if (worked && witnessed) return [];
    const what = worked ? "it says it worked, but nothing was seen outside" : said(act);
    return [`${act.name}: the control does not work: ${what}`];
  });
}

/** Acts whose control cannot work on this machine, with the reason. */
export function untriedActs(result: Result): string[] {
  return result.acts.flatMap((act) => {
    const why = untried(act, result);
    return why === undefined ? [] : [`${act.name}: ${why}`];
  });
}

function untried({ needs }: Act, { missing }: Result): string | undefined {
  const need = needs.find((each) => missing[each] !== undefined);
  return need === undefined ? undefined : `${need}: ${missing[need]}`;
}

/** What contradicts the record of a sandboxed run. */
export function problemsOfSandboxed(result: Result, limit: string | undefined): string[] {
  const attempt = attemptOf(result);
  if (!attempt) return [notRun(result)];
  const enforced = attempt.sandbox.filter(isByAnEngine);
  if (enforced.length === 0) return [];
  return result.acts.flatMap((act) => {
    const concerned = enforced.filter(({ dimension }) => act.dimensions.includes(dimension));
    if (concerned.length === 0) return [];
    const problem = problemOf(act, limit !== undefined && wasKilled(attempt));
    if (problem === undefined || isLeftOut(act, concerned)) return [];
    const by = concerned.map((fact) => `${fact.dimension} by ${fact.enforced_by}`).join(", ");
    return [`${act.name}: ${problem}, though enforced is ${by}`];
  });
}

/** Whether the whole command was ended, and did not end by itself: then the rest was stopped too. */
function wasKilled({ signal, exit_code }: Attempt): boolean {
  return signal !== null || exit_code === 128 + 9;
}

/** Acts that got through as a caveat says they may. */
export function leftOut(result: Result): string[] {
  const enforced = attemptOf(result)?.sandbox.filter(isByAnEngine) ?? [];
  return result.acts.filter((act) => {
    const concerned = enforced.filter(({ dimension }) => act.dimensions.includes(dimension));
    return concerned.length > 0 && problemOf(act, true) !== undefined && isLeftOut(act, concerned);
  }).map(({ name }) => name);
}

function problemOf(act: Act, wasEnded: boolean): string | undefined {
  if (!act.reached) return wasEnded ? undefined : "it was not come to";
  if (act.kind === "allow") {
    return act.ok === true ? undefined : `it must work inside: ${said(act)}`;
  }
  if (act.seen !== null) return `ESCAPED: ${act.seen}`;
  if (act.kind === "unseen") {
    return act.ok === true ? undefined : `it must work inside: ${said(act)}`;
  }
  if (act.ok === true) return `ESCAPED: it worked (${act.detail})`;
  return act.ok === null ? `it cannot tell: ${said(act)}` : undefined;
}

/** Whether each guarantee it breaks has a caveat that names it. */
function isLeftOut({ caveat }: Act, concerned: readonly SandboxFact[]): boolean {
  if (caveat === null) return false;
  const ignored = caveat.startsWith("(?i)");
  const pattern = new RegExp(ignored ? caveat.slice(4) : caveat, ignored ? "i" : "");
  return concerned.every((fact) => fact.caveat !== undefined && pattern.test(fact.caveat));
}

function said({ reached, ok, detail }: Act): string {
  if (!reached) return "it was not come to";
  return `${ok === null ? "unclear" : ok ? "it worked" : "it was refused"}: ${detail}`;
}

/** Whether an engine holds it, and not assay itself. */
export function isByAnEngine({ enforced_by }: SandboxFact): boolean {
  return enforced_by !== undefined && enforced_by !== "assay";
}

/** The attempt of a run that took place. */
export function attemptOf({ run }: Result): Attempt | undefined {
  return run.json?.attempts[0];
}

function notRun({ run: { code, stderr, stdout = "" } }: Result): string {
  return `assay ended with ${code} and reported no attempt: ${stderr}${stdout}`;
}
