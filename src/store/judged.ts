/** The runs that judged a change, the newest first: where every verb that names no run finds its own. */

import { Blocked } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Layout } from "./_layout.ts";
import { withStoreLock } from "./counters.ts";
import type { Db } from "./db.ts";
import { isHeld } from "./liveness.ts";
import type { Query } from "./query.ts";
import { adoptFolders, unknownFolders } from "./rebuild.ts";
import { readRunFile } from "./run_file.ts";
import type { JudgedRun } from "./types.ts";

/** Where the runs are. */
export interface JudgedContext {
  readonly io: Io;
  readonly db: Db;
  readonly layout: Layout;
  readonly query: Query;
  /** Whether the index can be written. */
  readonly writable: boolean;
}

/** See `Store.judged`. */
export async function* judgedRuns(context: JudgedContext): AsyncIterable<JudgedRun> {
  const { db, query } = context;
  const unknown = await unreadableFolders(context);
  let before = { seq: Number.MAX_SAFE_INTEGER, run_id: "" };
  for (;;) {
    const row = db.get<typeof before>(
      `SELECT seq, run_id FROM runs WHERE verb IN ('verify', 'hook') AND (seq, run_id) < (?, ?)
       ORDER BY seq DESC, run_id DESC LIMIT 1`,
      before.seq,
      before.run_id,
    );
    // What is not known to be older may be newer.
    while (unknown[0] && unknown[0].seq >= (row?.seq ?? 0)) {
      const problem = await problemOf(context, unknown.shift()!.run_id);
      if (problem) yield { problem };
    }
    if (!row) return;
    const run = query.run(row.run_id)!;
    // The record of one that is running may not be written yet.
    const problem = run.state === "running" ? undefined : await problemOf(context, row.run_id);
    yield problem ? { problem } : { run };
    before = row;
  }
}

/** Run folders that cannot be read and that the index does not know, the newest first; see schema.sql. */
async function unreadableFolders(
  { io, db, layout, writable }: JudgedContext,
): Promise<{ readonly run_id: string; readonly seq: number }[]> {
  if ((await unknownFolders(io, db, layout)).length === 0) return [];
  const adopt = () => adoptFolders(io, db, layout, writable);
  await (writable ? withStoreLock(io, layout, adopt) : adopt());
  return db.all(
    `SELECT run_id, seq FROM unreadable WHERE run_id IN (SELECT value FROM json_each(?))
     ORDER BY seq DESC, run_id DESC`,
    JSON.stringify(await unknownFolders(io, db, layout)),
  );
}

/** What there is to say of a folder whose record cannot be read; `undefined`: it can. */
async function problemOf(
  { io, layout }: JudgedContext,
  runId: string,
): Promise<Blocked | undefined> {
  const reading = await readRunFile(io, layout.runFile(runId), runId);
  if ("run" in reading) return undefined;
  const why = isHeld(layout.runLock(runId)) ? "it has only just begun" : reading.problem;
  return new Blocked(
    `The run in .assay/runs/${runId} cannot be read (${why}), and no other is known to be newer`,
    { code: "run_unreadable", hint: "assay verify makes a newer run" },
  );
}
