import { DatabaseSync } from "node:sqlite";
import { isBusy } from "./failure.ts";

/**
 * Whether a living process holds the lock file that {@linkcode Fs.tryLock} took. It asks by reading, so that
 * looking takes the lock from nobody, needs no right to write, and leaves no file behind.
 */
export function isHeld(lockPath: string): boolean {
  let probe: DatabaseSync;
  try {
    probe = new DatabaseSync(lockPath, { readOnly: true });
  } catch {
    // There is no such file: the run ended, or was killed before it took the lock.
    return false;
  }
  try {
    // The option `timeout: 0` is taken for the default of five seconds.
    probe.exec("PRAGMA busy_timeout = 0");
    probe.prepare("SELECT 1 FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    probe.close();
  }
}
