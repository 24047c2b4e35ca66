/** The journal of a stored run. A command of the run could write it, so it proves nothing. */

import { Blocked, messageOf, type UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Run } from "../model.ts";
import type { RunEvent } from "../schema/journal.ts";
import { layoutOf } from "./_layout.ts";

export interface JournalReading {
  /** Its valid events. */
  readonly journal: readonly RunEvent[];
  /** What is wrong with the file. */
  readonly problems: readonly UserError[];
}

export async function readJournal(io: Io, { root, run_id, state }: Run): Promise<JournalReading> {
  const path = layoutOf(root).journal(run_id);
  const damaged = (why: string) =>
    new Blocked(`${path} is damaged: ${why}`, {
      code: "journal_damaged",
      hint: "the report has what the run proves; only its course is incomplete",
    });
  let text: string;
  try {
    text = await io.fs.readText(path);
  } catch (error) {
    return { journal: [], problems: [damaged(messageOf(error))] };
  }
  const { eventIn } = await import("../schema/journal.ts");
  // What follows the last line end was cut off when the run was killed.
  const events = text.split("\n").slice(0, -1).map(eventIn);
  const journal = events.filter((event) => event !== undefined);
  const wrong = events.indexOf(undefined);
  const [first] = journal;
  const why = wrong >= 0
    ? `line ${wrong + 1} is no event of a run`
    : (first || state !== "interrupted") && (first?.type !== "planned" || first.run_id !== run_id)
    ? `it does not begin with run ${run_id}`
    : state === "finished" && journal.at(-1)?.type !== "closed"
    ? "its end is missing"
    : undefined;
  return { journal, problems: why === undefined ? [] : [damaged(why)] };
}
