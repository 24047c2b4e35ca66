/**
 * The verdict of one command from the facts about it: the lattice of the README's table "Outcomes".
 * Fail beats unknown beats pass, and every fact is a reason. Pure.
 *
 * @module
 */

import type { Kind, Reason, ReasonCode, Verdict } from "../model.ts";
import type { ReportParser } from "../plugin.ts";
import { endOf, processReasons } from "./_process_reasons.ts";
import { okMessage, reportReasons } from "./_report_reasons.ts";
import type { SettleInput } from "./types.ts";

/** A verdict with its reasons, the most important first; at least one. */
export interface Settled {
  readonly verdict: Verdict;
  readonly reasons: readonly Reason[];
}

/** What each reason says of a command by itself, in order of importance. */
const verdictOf: Readonly<Record<ReasonCode, Verdict>> = {
  interrupted: "unknown",
  cancelled: "unknown",
  prepare_failed: "unknown",
  lock_timeout: "unknown",
  disk_full: "unknown",
  resource_limit: "unknown",
  submodule_mismatch: "unknown",
  sandbox_unenforced: "unknown",
  tool_missing: "unknown",
  timeout: "fail",
  oom: "fail",
  sandbox_denied: "fail",
  killed: "fail",
  collection_error: "fail",
  disagreement: "fail",
  tests_failed: "fail",
  diagnostics_found: "fail",
  report_truncated: "unknown",
  report_malformed: "unknown",
  report_too_large: "unknown",
  report_overwritten: "unknown",
  report_stale: "unknown",
  report_missing: "unknown",
  no_tests: "unknown",
  all_skipped: "unknown",
  nothing_checked: "unknown",
  uncounted: "unknown",
  no_runner: "unknown",
  not_needed: "unknown",
  exit_nonzero: "fail",
  ok: "pass",
};

const importance = Object.keys(verdictOf);

/** Whether a report of a format with these contents must hold tests to prove anything. */
export function needsTests(holds: ReportParser["holds"], kind: Kind): boolean {
  if (holds === "either") return kind === "test";
  return holds !== "diagnostics";
}

/** Settles what one command's outcome is. */
export function settle(input: SettleInput): Settled {
  const facts = [...processReasons(input), ...reportReasons(input)];
  const reasons = facts.length > 0 ? facts : [cleanReason(input)];
  const verdict = verdictOfAll(input, reasons);
  return { verdict, reasons: reasons.toSorted((one, other) => rank(one) - rank(other)) };

  function rank({ code }: Reason): number {
    const decides = verdictOf[code] === verdict ? 0 : importance.length;
    return decides + importance.indexOf(code);
  }
}

/** Nothing is wrong: a pass, unless tests had to be counted and none was. */
function cleanReason(input: SettleInput): Reason {
  const { uncounted, allowNoTests, holdsTests, report } = input;
  const counted = report?.tests.total ?? 0;
  if (uncounted !== undefined && counted === 0 && !(allowNoTests && holdsTests)) {
    return { code: "uncounted", message: uncounted };
  }
  return { code: "ok", message: okMessage(input) };
}

function verdictOfAll(input: SettleInput, reasons: readonly Reason[]): Verdict {
  if (isCutShort(input)) return "unknown";
  const verdicts = reasons.map(({ code }) => verdictOf[code]);
  return verdicts.includes("fail") ? "fail" : verdicts.includes("unknown") ? "unknown" : "pass";
}

/**
 * A command that ended by itself and left a report that breaks off: part of the evidence is lost,
 * whatever the exit code says and whatever was read before the break. A person must see why (a full
 * disk, a cap, a pipe), so this is unknown where a report that was never written after a failed
 * command is a failure.
 */
function isCutShort(input: SettleInput): boolean {
  const { resultFormat, report } = input;
  return resultFormat !== "exit-code" && report?.state === "truncated" && endOf(input) === "exited";
}
