import { DatabaseSync } from "node:sqlite";
import type { Io } from "../io.ts";
import { Db } from "./db.ts";
import { storeFailure } from "./failure.ts";
import { migrate } from "./migrate.ts";

/**
 * Per connection. NORMAL: a commit survives the death of the process; that of the machine may cost the last
 * ones, which run.json then tells again. The write-ahead log is put into the database every 2 MB, so that
 * neither the two disk flushes this takes are paid by every run, nor reading a long log by every start.
 */
const settings = `
  PRAGMA busy_timeout = 10000;
  PRAGMA synchronous = NORMAL;
  PRAGMA foreign_keys = ON;
  PRAGMA wal_autocheckpoint = 512;
`;

/** Opens the database at `path`, which is created when missing, with the newest schema. */
export function connect(io: Io, path: string): Db {
  let handle: DatabaseSync;
  try {
    handle = new DatabaseSync(path);
  } catch (error) {
    throw storeFailure(error, `open ${path}`);
  }
  const db = new Db(handle, path, io.monotonic);
  try {
    db.exec(settings);
    migrate(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** An index in memory, for a place where none is or none can be written. */
export function connectMemory(io: Io): Db {
  return connect(io, ":memory:");
}
