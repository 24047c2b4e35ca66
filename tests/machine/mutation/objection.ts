/**
 * What an independent reader has against calling a document a pass. The readers next to this file know the
 * formats from their own documentation and share no code with `plugins/parsers`.
 *
 * @module
 */

/** Why a document cannot be a pass. */
export interface Objection {
  /**
   * `unreadable`: cut, not well formed, not of this format. `failed`: it shows or claims what no pass has.
   * `contradiction`: its claims and its cases differ. `nothing`: no test ran, nothing was looked at.
   */
  readonly kind: "unreadable" | "failed" | "contradiction" | "nothing";
  /** The rule that it breaks; the same words for the same rule. */
  readonly why: string;
}

/** Names and words that say of themselves that they are not a pass, whatever the format makes of them. */
export const badName =
  /fail|error|abort|time-?_?out|cancel|crash|broken|inconclusive|exception|problem|unexpected/i;

/** Thrown by readers at the first thing that a pass cannot have. */
export class Objected extends Error {
  constructor(readonly objection: Objection) {
    super(objection.why);
  }
}

/** Objects unless the condition holds. */
export function must(holds: boolean, kind: Objection["kind"], why: string): asserts holds {
  if (!holds) throw new Objected({ kind, why });
}

/** The objection a reader raises, if any. */
export function objectionOf(read: () => void): Objection | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    if (error instanceof Objected) return error.objection;
    throw error;
  }
}

/** A count that a report states: digits, perhaps with thousands separators or an empty fraction. */
export function countOf(value: unknown, name: string): number {
  const isCount = typeof value === "number"
    ? Number.isInteger(value) && value >= 0
    : typeof value === "string" && /^\s*\+?\d{1,3}(,\d{3})+\s*$|^\s*\+?\d+(\.0*)?\s*$/.test(value);
  must(isCount, "contradiction", `${name} is no count`);
  return Number(String(value).replaceAll(",", ""));
}

/** How many tests a document shows, by what became of them. */
export class Tally {
  passed = 0;
  skipped = 0;

  /** Objects to a document of which no test passed. */
  mustHavePassed(): void {
    must(this.passed + this.skipped > 0, "nothing", "no test");
    must(this.passed > 0, "nothing", "every test was skipped");
  }
}
