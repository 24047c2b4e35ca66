/** Where the store keeps what, under the project root. */

export interface Layout {
  /** `.assay` */
  readonly dir: string;
  readonly database: string;
  readonly runs: string;
  readonly locks: string;
  /** The highest numbers given out: `.assay/counters.json`. */
  readonly counters: string;
  /** The store's lock: held while numbers are taken and while the index is replaced. */
  readonly storeLock: string;
  runDir(runId: string): string;
  runFile(runId: string): string;
  /** What happened in the run, one JSON object a line. */
  journal(runId: string): string;
  /** Held by the run's process for as long as it lives. */
  runLock(runId: string): string;
  eventsDir(runId: string): string;
  /** The attempt's events, one JSON object a line. */
  eventsFile(runId: string, attemptId: string): string;
}

export function layoutOf(root: string): Layout {
  const dir = `${root}/.assay`;
  const runDir = (runId: string) => `${dir}/runs/${runId}`;
  return {
    dir,
    database: `${dir}/assay.db`,
    runs: `${dir}/runs`,
    locks: `${dir}/locks`,
    counters: `${dir}/counters.json`,
    storeLock: `${dir}/locks/store.lock`,
    runDir,
    journal: (runId) => `${runDir(runId)}/journal.jsonl`,
    runFile: (runId) => `${runDir(runId)}/run.json`,
    runLock: (runId) => `${dir}/locks/run-${runId}.lock`,
    eventsDir: (runId) => `${runDir(runId)}/events`,
    eventsFile: (runId, attemptId) => `${runDir(runId)}/events/${attemptId}.jsonl`,
  };
}
