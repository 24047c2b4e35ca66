/** What settling and the gates judge. */

import type {
  Attempt,
  Denial,
  GateRules,
  Kind,
  Run,
  Severity,
  TestCounts,
  Unneeded,
} from "../model.ts";
import type { DeclaredReportEvent, Ending } from "../plugin.ts";
import type { Scope } from "./_kind_gate.ts";
import type { Acceptance } from "./acceptance.ts";

/** What gates are judged from. */
export interface GateInput {
  /** Set when the run did not finish: then it is never ready. Default: it finished. */
  readonly state?: Run["state"];
  readonly attempts: readonly Attempt[];
  readonly settings: GateRules;
  /** Commands that apply and were not needed. Default: none. */
  readonly unneeded?: readonly Unneeded[];
  /** What the run is about. Default: the whole project. */
  readonly scope?: Scope;
  /** The current day in UTC, as `2026-12-31`. */
  readonly today: string;
  /** Kinds the user left out: their gates are unknown. */
  readonly skipped: readonly Kind[];
  /** Kinds that have a command, run or not. */
  readonly present: readonly Kind[];
  readonly acceptance?: Acceptance | undefined;
  /** Git tree hashes: of the working tree, and of the run. */
  readonly fresh?: {
    readonly now: string | null;
    readonly then: string | null;
    /** Files that changed while the commands ran, relative to the root. */
    readonly changed?: readonly string[];
    /** Why it failed when the run ended: what was put back since was another thing then. */
    readonly failed?: string | undefined;
    /** What else differs, for people. */
    readonly others?: readonly string[];
  } | undefined;
}

/** Everything a verdict is based on. */
export interface SettleInput extends Ending {
  readonly kind: Kind;
  /** `exit-code`: there is no report, the exit code decides. */
  readonly resultFormat: string;
  /** Whether the report proves nothing without tests in it: see `needsTests`. */
  readonly holdsTests: boolean;
  readonly timeoutMs?: number;
  /** The program that was not found or may not be executed. */
  readonly toolMissing?: string | undefined;
  /** It exists, but the system refused to run it. */
  readonly notExecutable?: boolean;
  /** The kernel's out-of-memory killer stopped it. */
  readonly oom?: boolean;
  /** What its sandbox denied it, as far as there is evidence. */
  readonly denials?: readonly Denial[];
  /** The lock that was not available in time. */
  readonly lockTimeout?: string;
  /** Declared dimensions that nothing enforced, and why, where the policy is to fail. */
  readonly sandboxUnenforced?: readonly string[];
  /** Submodules in which something else lay than what is tested. */
  readonly mismatched?: readonly string[];
  /** Why the command could not be prepared. */
  readonly prepareFailed?: string | undefined;
  /** Absent when the command has none, or never ran. */
  readonly report?: ReportFacts | undefined;
  /** Diagnostics of this severity and above fail the command. */
  readonly failOn: Severity;
  readonly allowNoTests: boolean;
  /** What to say where no test was counted; absent: tests need not be counted, or a person waived it. */
  readonly uncounted?: string | undefined;
  /** The command was given the files that changed and no others: there may have been nothing to look at. */
  readonly isNarrowed?: boolean;
}

/** What became of the report, and what was read of it. */
export interface ReportFacts {
  readonly state:
    | "read"
    | "missing"
    | "stale"
    | "overwritten"
    | "malformed"
    | "truncated"
    | "too_large";
  /** Why it could not be used, with the line when there is one. */
  readonly message?: string | undefined;
  readonly tests: TestCounts;
  readonly severities: Readonly<Record<Severity, number>>;
  /** Errors outside any test. */
  readonly suiteErrors: number;
  /** The first of them. */
  readonly suiteError?: string | undefined;
  /** What the tool says when its own report shows that it looked at nothing. */
  readonly nothingChecked?: string | undefined;
  /** What the report claims about itself. */
  readonly declared?: Omit<DeclaredReportEvent, "kind"> | undefined;
  /** Files that were run and have tests, none of which was counted. */
  readonly uncountedFiles?: readonly string[];
}
