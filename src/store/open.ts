import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Annotation, Display } from "../model.ts";
import { type Layout, layoutOf } from "./_layout.ts";
import { connect, create } from "./connect.ts";
import type { Db } from "./db.ts";
import { guarded, isReadOnly, mustRebuild } from "../failure.ts";
import { queryHistory } from "./history_query.ts";
import { judgedRuns } from "./judged.ts";
import { Query } from "./query.ts";
import { reindex, repair } from "./rebuild.ts";
import { isHeld, settleDeadRuns } from "./recover.ts";
import type { AnnotationQuery, OpenOptions, PutAnnotation, Store } from "./types.ts";
import { type OwnRun, startRun } from "./write.ts";

/** An open index and the messages about it. */
interface Opened {
  readonly db: Db;
  readonly warnings: readonly string[];
  /** Whether runs can be written. */
  readonly writable: boolean;
}

/**
 * Opens the store of the project at `root`, an absolute path, and creates it when there is none. An index
 * that cannot be used is set aside and rebuilt from the run folders; runs whose process died are recorded
 * as interrupted.
 *
 * @throws {UserError} when the disk is full, nothing may be written, or a newer assay wrote the store.
 */
export async function openStore(io: Io, root: string, options: OpenOptions = {}): Promise<Store> {
  const layout = layoutOf(root);
  const opened = options.readOnly
    ? await openForReading(io, layout)
    : await openForWriting(io, layout);
  return makeStore(io, layout, opened);
}

async function openForWriting(io: Io, layout: Layout): Promise<Opened> {
  await guarded(`create ${layout.dir}`, () => io.fs.mkdir(layout.dir));
  return { ...await connectOrRepair(io, layout), writable: true };
}

/** Opens the index and settles dead runs, which is the first that is read of it. */
async function connectOrRepair(io: Io, layout: Layout): Promise<Omit<Opened, "writable">> {
  const opened = async () => {
    const db = await connect(io, layout.database);
    try {
      return { db, warnings: await settleDeadRuns({ io, db, layout }) };
    } catch (error) {
      db.close();
      throw error;
    }
  };
  const warnings: string[] = [];
  for (const force of [false, true]) {
    try {
      const { db, warnings: more } = await opened();
      return { db, warnings: [...warnings, ...more] };
    } catch (error) {
      if (!mustRebuild(error)) throw error;
      warnings.push(...(await repair(io, layout, error, force)).warnings);
    }
  }
  const { db, warnings: more } = await opened();
  return { db, warnings: [...warnings, ...more] };
}

async function openForReading(io: Io, layout: Layout): Promise<Opened> {
  // Nothing is created where there is no store.
  const isStore = await io.fs.stat(layout.database) ?? await io.fs.stat(layout.runs);
  if (!isStore) return await readFolders(io, layout);
  try {
    return { ...await connectOrRepair(io, layout), writable: true };
  } catch (error) {
    if (isReadOnly(error)) return await readFolders(io, layout);
    throw error;
  }
}

async function readFolders(io: Io, layout: Layout): Promise<Opened> {
  const db = create(io, ":memory:");
  const { warnings } = await reindex({ io, db, layout }, false);
  return { db, warnings, writable: false };
}

function makeStore(io: Io, layout: Layout, { db, warnings, writable }: Opened): Store {
  const own = new Map<string, OwnRun>();
  const query = new Query(
    { io, db, layout },
    (runId) => own.has(runId) || isHeld(layout.runLock(runId)),
  );
  const current = () => {
    for (const run of own.values()) run.putPending();
    return query;
  };
  return {
    warnings,
    async startRun(run, names) {
      if (!writable) {
        throw new UserError(`Cannot record a run: ${layout.dir} is open read-only`, {
          code: "store_read_only",
        });
      }
      const writer = await startRun({ io, db, layout }, run, names);
      own.set(run.run_id, writer);
      return writer;
    },
    runs: (limit) => query.runs(limit),
    run: (id) => query.run(id),
    latestRun: () => query.runs(1)[0],
    judged: () => judgedRuns({ io, db, layout, query, writable }),
    attempt: (reference) => query.attempt(reference),
    events: (attemptId, options) => current().events(attemptId, options),
    eventPages: (attemptId) => current().eventPages(attemptId),
    lastEvent: (attemptId) => current().lastEvent(attemptId),
    annotations: (attemptId, options) => readAnnotations(db, attemptId, options),
    putAnnotations: (attemptId, annotator, annotations, options) =>
      putAnnotations(db, attemptId, annotator, annotations, options),
    query(history, until) {
      current();
      return queryHistory({ io, db, layout }, history, until);
    },
    writable,
    close() {
      for (const run of own.values()) run.abandon();
      own.clear();
      // The connection itself ends with the process or the garbage collector: the last one to close
      // would merge the log into the database and flush the disk twice, which costs more than all else
      // a short run does here.
      if (!writable) db.close();
    },
  };
}

// Annotations in the index. They are keyed by attempt id, so that they survive a rebuild.

interface AnnotationRow {
  readonly ref: string;
  readonly annotator: string;
  readonly key: string;
  readonly display: Display;
  readonly record: string;
}

/** What annotators say about an attempt and its events, by event, annotator and key. */
function readAnnotations(
  db: Db,
  attemptId: string,
  { index, displays = ["inline", "detail", "hidden"] }: AnnotationQuery = {},
): Annotation[] {
  const rows = db.all<AnnotationRow>(
    `SELECT annotator, key, display, annotations.record,
       attempts.record ->> 'ref' || iif(event_index = 0, '', ':' || event_index) AS ref
     FROM annotations JOIN attempts USING (attempt_id)
     WHERE attempt_id = ? AND event_index BETWEEN ? AND ?
       AND display IN (SELECT value FROM json_each(?)) AND json_valid(annotations.record)
     ORDER BY event_index, annotator, key`,
    attemptId,
    index ?? 0,
    index ?? Number.MAX_SAFE_INTEGER,
    JSON.stringify(displays),
  );
  return rows.map(({ record, ...row }) => ({ ...row, ...JSON.parse(record) }));
}

/**
 * Keeps what one annotator says about one attempt; see `Store.putAnnotations`. Without `keepOthers` the ones
 * it no longer says are removed, so that annotating twice is annotating once.
 */
function putAnnotations(
  db: Db,
  attemptId: string,
  annotator: string,
  annotations: readonly PutAnnotation[],
  { keepOthers = false }: { readonly keepOthers?: boolean } = {},
): { written: number; removed: number } {
  const added = new Set(annotations.map(({ index, key }) => `${index} ${key}`));
  const stale = (statement: string) =>
    keepOthers ? 0 : db.all(
      `${statement} annotations WHERE attempt_id = ? AND annotator = ?
         AND event_index || ' ' || key NOT IN (SELECT value FROM json_each(?))
       ${statement.startsWith("DELETE") ? "RETURNING key" : ""}`,
      attemptId,
      annotator,
      JSON.stringify([...added]),
    ).length;
  // Most annotators say nothing about most attempts: then nothing waits for the write lock.
  if (annotations.length === 0 && stale("SELECT key FROM") === 0) return { written: 0, removed: 0 };
  return db.transaction(() => {
    const removed = stale("DELETE FROM");
    for (const { index, key, display, ...record } of annotations) {
      db.run(
        "INSERT OR REPLACE INTO annotations VALUES (?, ?, ?, ?, ?, ?)",
        attemptId,
        index,
        annotator,
        key,
        display,
        JSON.stringify(record),
      );
    }
    return { written: added.size, removed };
  });
}
