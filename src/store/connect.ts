import { DatabaseSync } from "node:sqlite";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { Db } from "./db.ts";
import { storeFailure } from "../failure.ts";
import schema from "./schema.sql" with { type: "text" };

/** `PRAGMA user_version` of an index made by this version of assay. */
const schemaVersion = Number(/user_version = (\d+)/.exec(schema)![1]);

/** Tables, views and indexes that the schema has. */
const objects = schema.match(/^CREATE /gm)!.length;

/**
 * Per connection. NORMAL: a commit survives a crash of the process; one of the machine may lose the last
 * ones, which run.json then supplies. The write-ahead log is merged into the database every 2 MB, so that
 * not every run pays for its two disk flushes, nor every start for reading a long log.
 */
const settings = `
  PRAGMA busy_timeout = 10000;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 512;
`;

/**
 * Opens the index at `path`.
 *
 * @throws {UserError} `store_newer` when a newer assay wrote it; one for which `mustRebuild` holds when it
 * is missing, empty, of an older assay, or damaged.
 */
export async function connect(io: Io, path: string): Promise<Db> {
  // SQLite only says that it cannot open it.
  if ((await io.fs.lstat(path))?.isDirectory) {
    throw new UserError(`${path} is damaged: it is a folder`, { code: "store_damaged" });
  }
  return prepared(io, path, (db) => check(db, path));
}

/** Creates an index at `path`, where there is none. */
export function create(io: Io, path: string): Db {
  return prepared(io, path, (db) => {
    // Until it has its final name a machine crash may lose it: nothing waits for the disk.
    // Where the file system has no WAL, SQLite stays with its rollback journal, slower but as safe.
    db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL");
    db.transaction(() => db.exec(schema));
  });
}

/** Reads rows of a database of any state, as far as that goes. */
export function* readRows<Row>(io: Io, path: string, sql: string): Iterable<Row> {
  const handle = new DatabaseSync(path, { readOnly: true });
  try {
    yield* new Db(handle, path, io.monotonic).each<Row>(sql);
  } finally {
    handle.close();
  }
}

function prepared(io: Io, path: string, prepare: (db: Db) => void): Db {
  let handle: DatabaseSync;
  try {
    handle = new DatabaseSync(path);
  } catch (error) {
    throw storeFailure(error, `open ${path}`);
  }
  const db = new Db(handle, path, io.monotonic);
  try {
    db.exec(settings);
    prepare(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function check(db: Db, path: string): void {
  const found = db.get<{ version: number; objects: number }>(
    `SELECT user_version AS version,
       (SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%') AS objects
     FROM pragma_user_version`,
  )!;
  const { version } = found;
  if (version === schemaVersion && found.objects >= objects) return;
  if (version > schemaVersion) {
    throw new UserError(
      `Cannot use ${path}: a newer assay wrote it (its schema is ${version}, this assay knows ${schemaVersion})`,
      {
        code: "store_newer",
        hint: "Update assay, or delete the file: the index is then rebuilt",
      },
    );
  }
  if (version === 0 && found.objects === 0) {
    throw new UserError(`${path} is missing or empty`, { code: "store_empty" });
  }
  if (version > 0 && version < schemaVersion) {
    throw new UserError(`${path} was written by an older assay`, { code: "store_older" });
  }
  throw new UserError(
    version === 0 ? `${path} is not assay's database` : `${path} is damaged: tables are missing`,
    { code: "store_damaged" },
  );
}
