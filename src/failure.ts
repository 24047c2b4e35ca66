import { messageOf, missingPermission, UserError } from "./errors.ts";
import { errorCode, type FileLock, type Io } from "./io.ts";

/** What can go wrong with the store without being a bug. */
type Failure = "full" | "read_only" | "damaged" | "busy" | "io" | "no_folder" | "no_file";

// Deno gives all errors of SQLite one code; its messages are stable (sqlite3_errstr).
const sqliteMessages: readonly (readonly [RegExp, Failure])[] = [
  [/database or disk is full/, "full"],
  [/readonly database|unable to open database file|authorization denied/, "read_only"],
  [/disk image is malformed|file is not a database|malformed (?:database schema|JSON)/, "damaged"],
  // Assay's own statements fit a database that is whole.
  [/^no such (?:table|column|view)\b|\bconstraint failed\b/, "damaged"],
  [/database (table )?is locked|database schema is locked/, "busy"],
  // Deno before 2.5 only says this when the file is held while a statement is prepared.
  [/^failed to prepare statement$/i, "busy"],
  [/disk I\/O error/, "io"],
];

const systemCodes: Readonly<Record<string, Failure>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "read_only",
  EACCES: "read_only",
  EPERM: "read_only",
  EIO: "io",
  ENOTDIR: "no_folder",
  EEXIST: "no_folder",
  ELOOP: "no_folder",
  EISDIR: "no_file",
  EFTYPE: "no_file",
};

const texts: Readonly<Record<Failure, { why: string; hint: string }>> = {
  full: { why: "the disk is full", hint: "Free some space and run again" },
  read_only: {
    why: "it is read-only",
    hint: "Make .assay writable, or work on a writable copy of the project",
  },
  damaged: {
    why: "the index is damaged",
    hint: "Run assay store rebuild: it rebuilds it from .assay/runs and keeps the damaged one",
  },
  busy: {
    why: "another process has locked it for too long",
    hint:
      "Check which other assay is running (or which program has .assay/assay.db open), and try again",
  },
  no_folder: {
    why: "a file or a broken link is where a folder must be",
    hint: "Move it away (.assay and .assay/runs are folders that assay makes), then run again",
  },
  no_file: {
    why: "something else is where a file must be",
    hint: "Move it away, then run again",
  },
  io: {
    why: "the disk reported an error",
    hint: "Check whether the disk is full or failing (dmesg), then run again",
  },
};

function failureOf(error: unknown): Failure | undefined {
  const code = errorCode(error);
  if (code !== undefined && systemCodes[code]) return systemCodes[code];
  if (
    error instanceof Error && (error.name === "NotCapable" || error.name === "PermissionDenied")
  ) {
    return "read_only";
  }
  if (
    error instanceof Error &&
    ["NotADirectory", "AlreadyExists", "FilesystemLoop"].includes(error.name)
  ) {
    return "no_folder";
  }
  const message = messageOf(error);
  return sqliteMessages.find(([pattern]) => pattern.test(message))?.[1];
}

/** Whether a thrown error says that another process holds the database at the moment. */
export function isBusy(error: unknown): boolean {
  return failureOf(error) === "busy";
}

/** Whether an error says that the index cannot be used and must be rebuilt from the run folders. */
export function mustRebuild(error: unknown): error is UserError {
  return error instanceof UserError &&
    ["store_damaged", "store_empty", "store_older"].includes(error.code);
}

/** Whether an error says that nothing can be written there. */
export function isReadOnly(error: unknown): boolean {
  return error instanceof UserError
    ? error.code === "store_read_only"
    : failureOf(error) === "read_only";
}

/**
 * What to throw for an error met while the store did `what` (such as `write .assay/assay.db`): a
 * {@linkcode UserError} for what the user can fix, the error itself for a bug.
 */
export function storeFailure(error: unknown, what: string): unknown {
  if (error instanceof UserError) return error;
  const failure = failureOf(error);
  if (failure === undefined) return error;
  const { why, hint } = texts[failure];
  return new UserError(`Cannot ${what}: ${why} (${messageOf(error)})`, {
    code: `store_${failure}`,
    hint: missingPermission(error)?.hint ?? hint,
    cause: error,
  });
}

/** Waits for a lock; `undefined` when it was not free in time, or the signal was given. */
export async function waitForLock(
  io: Io,
  path: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<FileLock | undefined> {
  const deadline = io.monotonic() + timeoutMs;
  for (;;) {
    const lock = await io.fs.tryLock(path);
    if (lock || io.monotonic() >= deadline || signal?.aborted) return lock;
    // A cancelled wait ends it: the loop sees the signal. Not all waiters retry at once.
    await io.sleep(5 + Math.random() * 20, signal).catch(() => {});
  }
}

/** Runs `body` and reports its failures as {@linkcode storeFailure} does. */
export async function guarded<T>(what: string, body: () => Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw storeFailure(error, what);
  }
}
