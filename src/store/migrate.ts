import { UserError } from "../errors.ts";
import type { Db } from "./db.ts";
import schema from "./schema.sql" with { type: "text" };

/**
 * Data of extensions belongs to the attempt's record, so that it goes with the attempt and comes back with
 * it. Nothing was ever written to the table that is dropped.
 */
const extensionDataOfAttempts = `
DROP TABLE extension_data;
CREATE TABLE extension_data (
  attempt   INTEGER NOT NULL REFERENCES attempts (id) ON DELETE CASCADE,
  extension TEXT NOT NULL,
  key       TEXT NOT NULL,
  -- JSON, as the extension gave it.
  value     TEXT NOT NULL,
  PRIMARY KEY (attempt, extension, key)
) WITHOUT ROWID;`;

/** Each entry brings the schema from version `index` to the next. Entries are only ever added. */
export const migrations: readonly string[] = [schema, extensionDataOfAttempts];

function versionOf(db: Db): number {
  return db.get<{ user_version: number }>("PRAGMA user_version")!.user_version;
}

/** Refuses a database of somebody else's. The caller's transaction keeps others from filling it meanwhile. */
function checkEmpty(db: Db, path: string): void {
  if (versionOf(db) > 0 || db.get("SELECT 1 FROM sqlite_schema") === undefined) return;
  throw new UserError(`Cannot use ${path}: it is a database that assay did not make`, {
    code: "store_damaged",
    hint: "assay store rebuild makes the index anew and keeps that one beside it",
  });
}

/**
 * Brings the database at `path` to the newest schema. One that is there already costs one read.
 *
 * @throws {UserError} `store_newer` when a newer assay wrote it, `store_damaged` when it is not assay's.
 */
export function migrate(db: Db, path: string, steps: readonly string[] = migrations): void {
  const version = versionOf(db);
  if (version === steps.length) return;
  if (version > steps.length) {
    throw new UserError(
      `Cannot use ${path}: a newer assay wrote it (its schema is ${version}, this assay knows ${steps.length})`,
      {
        code: "store_newer",
        hint: "Update assay; or move the file away and run: assay store rebuild",
      },
    );
  }
  // Outside the transaction, for SQLite refuses it inside. Where the file system cannot do it, SQLite
  // stays with its rollback journal, which is slower and as safe.
  if (version === 0) {
    db.transaction(() => checkEmpty(db, path));
    db.exec("PRAGMA journal_mode = WAL");
  }
  db.transaction(() => {
    const from = versionOf(db);
    for (const step of steps.slice(from)) db.exec(step);
    if (from < steps.length) db.exec(`PRAGMA user_version = ${steps.length}`);
  });
}
