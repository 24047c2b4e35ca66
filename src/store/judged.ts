/** The runs that judged a change, the newest first: where verbs find their run when none is named. */

import { Blocked } from "../errors.ts";
import { checkedRun, runColumns, seqMark, type StoreIndex } from "./_rows.ts";
import { readCounters, withStoreLock } from "./counters.ts";
import type { Db } from "./db.ts";
import type { Query } from "./query.ts";
import { adoptFolders, unknownFolders } from "./rebuild.ts";
import { isHeld } from "./recover.ts";
import { readRunFile } from "./run_file.ts";
import type { JudgedRun } from "./types.ts";

export interface JudgedContext extends StoreIndex {
  readonly query: Query;
  /** Whether the index can be written. */
  readonly writable: boolean;
}

/** A run's place among the others. */
interface RunPosition {
  readonly seq: number;
  readonly run_id: string;
}

export async function* judgedRuns(context: JudgedContext): AsyncIterable<JudgedRun> {
  const { db } = context;
  const unknown = await unreadableFolders(context);
  let before: RunPosition = { seq: await seqGiven(context) + 1, run_id: "" };
  for (;;) {
    const row = nextJudged(db, before);
    // Anything not known to be older may be newer.
    while (unknown[0] && unknown[0].seq >= (row?.seq ?? 0)) {
      const { run_id, problem } = unknown.shift()!;
      yield { problem: unreadable(context, run_id, problem) };
    }
    const lost = await lostBetween(context, row?.seq ?? 0, before.seq);
    if (lost > 0) yield { problem: lostText(lost) };
    if (!row) return;
    yield await judgedRun(context, row);
    before = row;
  }
}

/** Of those that it passes over it is sure, too: a row that a disk changed could hide a run. */
function nextJudged(db: Db, before: RunPosition): RunPosition | undefined {
  const rows = db.each<Parameters<typeof checkedRun>[0]>(
    `SELECT ${runColumns} FROM runs WHERE (seq, run_id) < (?, ?) ORDER BY seq DESC, run_id DESC`,
    before.seq,
    before.run_id,
  );
  for (const row of rows) {
    const { verb } = JSON.parse(checkedRun(row).record);
    if (verb === "verify" || verb === "hook") return { seq: row.seq, run_id: row.run_id };
  }
  return undefined;
}

async function seqGiven({ io, db, layout }: JudgedContext): Promise<number> {
  const counters = await readCounters(io, layout);
  const mark = db.get<{ last: number }>("SELECT last FROM marks WHERE name = ?", seqMark);
  return Math.max(mark?.last ?? 0, counters instanceof Map ? counters.get(seqMark)! : 0);
}

/** How many runs of a `seq` between two others are in neither the index nor a folder. */
async function lostBetween(
  { io, db, layout, writable }: JudgedContext,
  after: number,
  before: number,
): Promise<number> {
  const count = () =>
    before - after - 1 - db.get<{ known: number }>(
      "SELECT count(DISTINCT seq) AS known FROM runs WHERE seq > ? AND seq < ?",
      after,
      before,
    )!.known;
  if (count() <= 0) return 0;
  // The lock's holder may have taken a number and have no row yet.
  if (writable) await withStoreLock(io, layout, () => Promise.resolve());
  return count();
}

function lostText(lost: number): Blocked {
  const runs = lost === 1 ? "A newer run was" : `${lost} newer runs were`;
  return new Blocked(
    `${runs} started, and nothing in .assay says how: neither a folder nor the index`,
    { code: "run_lost", hint: "run assay verify to make a newer one" },
  );
}

/** Run folders that cannot be read and are not in the index, the newest first; see schema.sql. */
async function unreadableFolders(
  context: JudgedContext,
): Promise<(RunPosition & { readonly problem: string })[]> {
  const { io, db, layout, writable } = context;
  if ((await unknownFolders(context)).length === 0) return [];
  const adopt = () => adoptFolders(context, writable);
  await (writable ? withStoreLock(io, layout, adopt) : adopt());
  return db.all(
    `SELECT run_id, seq, problem FROM unreadable WHERE run_id IN (SELECT value FROM json_each(?))
     ORDER BY seq DESC, run_id DESC`,
    JSON.stringify(await unknownFolders(context)),
  );
}

async function judgedRun(context: JudgedContext, place: RunPosition): Promise<JudgedRun> {
  const twin = twinProblem(context, place);
  if (twin) return { problem: twin };
  const run = context.query.run(place.run_id)!;
  // A running one's record may not be written yet.
  if (run.state === "running") return { run };
  const { io, layout } = context;
  const reading = await readRunFile(io, layout.runFile(place.run_id), place.run_id);
  // What is judged is what the folder holds; only one that could not be recorded as interrupted is not up to date.
  if ("run" in reading) return { run: reading.run.state === "running" ? run : reading.run };
  return { problem: unreadable(context, place.run_id, reading.problem) };
}

/** Folders merged by hand from two places have no order among each other. */
function twinProblem({ db }: JudgedContext, { run_id, seq }: RunPosition): Blocked | undefined {
  const twin = db.get<{ run_id: string }>(
    "SELECT run_id FROM runs WHERE seq = ? AND run_id <> ? AND verb IN ('verify', 'hook')",
    seq,
    run_id,
  );
  return twin && new Blocked(
    `The runs ${run_id} and ${twin.run_id} have the same seq (${seq}): it is unknown which is newer`,
    { code: "run_unordered", hint: "run assay verify to make a newer one" },
  );
}

function unreadable({ layout }: JudgedContext, runId: string, problem: string): Blocked {
  const why = isHeld(layout.runLock(runId)) ? "it has only just started" : problem;
  return new Blocked(
    `The run in .assay/runs/${runId} cannot be read (${why}), and no other run is known to be newer`,
    { code: "run_unreadable", hint: "run assay verify to make a newer one" },
  );
}
