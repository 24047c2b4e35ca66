/** Annotations in the index. They are kept by attempt id, so that they outlive a rebuild. */

import type { Annotation, Display } from "../model.ts";
import type { Db } from "./db.ts";
import type { AnnotationQuery, PutAnnotation } from "./types.ts";

interface AnnotationRow {
  readonly ref: string;
  readonly annotator: string;
  readonly key: string;
  readonly display: Display;
  readonly record: string;
}

/** What annotators say of an attempt and its events, by event, annotator and key. */
export function readAnnotations(
  db: Db,
  attemptId: string,
  { index, displays = ["inline", "detail", "hidden"] }: AnnotationQuery = {},
): Annotation[] {
  const rows = db.all<AnnotationRow>(
    `SELECT annotator, key, display, annotations.record,
       attempts.record ->> 'ref' || iif(event_index = 0, '', ':' || event_index) AS ref
     FROM annotations JOIN attempts USING (attempt_id)
     WHERE attempt_id = ? AND event_index BETWEEN ? AND ?
       AND display IN (SELECT value FROM json_each(?))
     ORDER BY event_index, annotator, key`,
    attemptId,
    index ?? 0,
    index ?? Number.MAX_SAFE_INTEGER,
    JSON.stringify(displays),
  );
  return rows.map(({ record, ...row }) => ({ ...row, ...JSON.parse(record) }));
}

/**
 * Keeps what one annotator says of one attempt; see `Store.putAnnotations`. Without `keepOthers` the ones
 * it does not say any more are removed, so that annotating twice is annotating once.
 */
export function putAnnotations(
  db: Db,
  attemptId: string,
  annotator: string,
  annotations: readonly PutAnnotation[],
  { keepOthers = false }: { readonly keepOthers?: boolean } = {},
): { written: number; removed: number } {
  const spoken = new Set(annotations.map(placeOf));
  const stale = () => keepOthers ? [] : kept(db, attemptId, annotator).filter(notIn(spoken));
  // Most annotators say nothing of most attempts: nobody waits for the right to write then.
  if (annotations.length === 0 && stale().length === 0) return { written: 0, removed: 0 };
  return db.transaction(() => {
    const removed = stale();
    for (const { index, key } of removed) {
      db.run(
        `DELETE FROM annotations
         WHERE attempt_id = ? AND event_index = ? AND annotator = ? AND key = ?`,
        attemptId,
        index,
        annotator,
        key,
      );
    }
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
    return { written: spoken.size, removed: removed.length };
  });
}

type Place = Pick<PutAnnotation, "index" | "key">;

function placeOf({ index, key }: Place): string {
  return `${index} ${key}`;
}

function notIn(places: ReadonlySet<string>): (place: Place) => boolean {
  return (place) => !places.has(placeOf(place));
}

function kept(db: Db, attemptId: string, annotator: string): Place[] {
  return db.all<Place>(
    `SELECT event_index AS "index", key FROM annotations WHERE attempt_id = ? AND annotator = ?`,
    attemptId,
    annotator,
  );
}
