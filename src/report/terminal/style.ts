/** Colours, and the marks and words of findings: colour alone never carries meaning. */

import {
  type Attempt,
  type GateStatus,
  isNotNeeded,
  type Recommendation,
  type Verdict,
} from "../../model.ts";

/** How to write for people. */
export interface Look {
  readonly columns: number;
  readonly color: boolean;
  /** Everything, not only what fits a screen. */
  readonly verbose?: boolean;
  /** The time, where the age of a stored run is shown. */
  readonly now?: number;
}

export type Paint = (text: string) => string;

export interface Styles {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
}

export function styles(color: boolean): Styles {
  const paint = (on: number, off: number): Paint =>
    color ? (text) => text === "" ? "" : `\x1b[${on}m${text}\x1b[${off}m` : (text) => text;
  return {
    bold: paint(1, 22),
    dim: paint(2, 22),
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
  };
}

export interface Mark {
  readonly text: string;
  readonly color: "green" | "red" | "yellow" | "dim";
}

export const marks: Readonly<Record<Verdict | GateStatus, Mark>> = {
  pass: { text: "✓ pass", color: "green" },
  fail: { text: "✗ fail", color: "red" },
  unknown: { text: "? unknown", color: "yellow" },
  waived: { text: "! waived", color: "yellow" },
  not_applicable: { text: "- n/a", color: "dim" },
};

export const shouts: Readonly<Record<Recommendation, Mark>> = {
  ready_for_review: { text: "READY", color: "green" },
  continue_fixing: { text: "FAILED", color: "red" },
  blocked: { text: "BLOCKED", color: "yellow" },
};

/** The mark of an attempt: one that has not ended has no verdict yet. */
export function markOf(attempt: Attempt): Mark {
  const { state, verdict } = attempt;
  if (isNotNeeded(attempt)) return marks.not_applicable;
  return state === "finished" ? marks[verdict] : marks.unknown;
}

export function markCell({ text, color }: Mark, style: Styles) {
  return { text, paint: style[color] };
}

export function colorOf(status: string): "green" | "red" | "yellow" {
  if (status === "passed") return "green";
  return /^(?:skipped|warning|info)$/.test(status) ? "yellow" : "red";
}
