import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Attempt, Event, Run } from "../model.ts";
import { isTable } from "../text/values.ts";
import { guarded } from "../failure.ts";

/** Writes one run's `run.json`, each time whole and atomically, never two at once. */
export class RunFile {
  readonly #io: Io;
  readonly #path: string;
  #writing: Promise<void> | undefined;
  #wanted: (() => Run) | undefined;
  #failure: unknown;

  constructor(io: Io, path: string) {
    this.#io = io;
    this.#path = path;
  }

  /**
   * Writes in the background, so that what the run did so far (above all its serials) is on disk and not in
   * the index alone. Requests that come during a write are served by one more.
   */
  request(current: () => Run): void {
    this.#wanted = current;
    this.#writing ??= this.#drain();
  }

  /** Waits for the background, writes `run`, and throws if any writing failed. */
  async write(run: Run): Promise<void> {
    this.#wanted = undefined;
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure;
    await this.#write(run);
  }

  async #drain(): Promise<void> {
    try {
      while (this.#wanted) {
        const run = this.#wanted();
        this.#wanted = undefined;
        await this.#write(run);
      }
    } catch (error) {
      // Nothing waits for the background: the next `write` throws it, and the run does not end well.
      this.#failure = error;
    }
    this.#writing = undefined;
  }

  #write(run: Run): Promise<void> {
    const text = `${JSON.stringify(run, null, 2)}\n`;
    return guarded(`write ${this.#path}`, () => this.#io.fs.writeAtomic(this.#path, text));
  }
}

export type RunReading = { readonly run: Run } | { readonly problem: string };

const otherVersion = "it was written by another version of assay";

export async function parseRun(text: string, runId: string): Promise<RunReading> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `it is not JSON: ${messageOf(error)}` };
  }
  if (!isTable(value)) return { problem: "it is not an object" };
  const run = value as Partial<Run>;
  if (run.schema !== "assay.run/1") {
    return { problem: `${otherVersion}: its schema is ${JSON.stringify(run.schema)}` };
  }
  if (run.run_id !== runId) return { problem: `it belongs to run ${JSON.stringify(run.run_id)}` };
  if (!isNumber(run.seq)) return { problem: "its seq is not a whole number from 1" };
  const { mismatch, run: schema } = await import("../schema/run.ts");
  const key = mismatch(schema, run);
  if (key !== undefined) {
    return {
      problem: `${otherVersion}, or was edited: ${JSON.stringify(key)} is missing or invalid`,
    };
  }
  return { run: run as Run };
}

/** Reads the event that a line holds; `undefined`: none, which the caller, who knows the file, reports. */
export async function eventParser(): Promise<(line: string) => Event | undefined> {
  const { event, mismatch } = await import("../schema/run.ts");
  return (line) => {
    try {
      const value = JSON.parse(line);
      return mismatch(event, value) === undefined ? value : undefined;
    } catch {
      return undefined;
    }
  };
}

/** Whether a value can be a `seq` or a serial, with room for many more after it. */
export function isNumber(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) < 2 ** 50;
}

export async function readRunFile(io: Io, path: string, runId: string): Promise<RunReading> {
  try {
    const info = await io.fs.stat(path);
    return info?.isFile
      ? await parseRun(await io.fs.readText(path), runId)
      : { problem: "run.json is missing" };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

const reason = {
  code: "interrupted",
  message: "the assay process that ran it died before it ended",
} as const;

function interruptedAttempt(attempt: Attempt): Attempt {
  if (attempt.state === "finished" || attempt.state === "interrupted") return attempt;
  return { ...attempt, state: "interrupted", verdict: "unknown", reasons: [reason] };
}

/** What is left of a run whose process died: finished attempts stay, the rest is unknown. */
export function interruptedRun(run: Run): Run {
  return {
    ...run,
    state: "interrupted",
    recommendation: "blocked",
    confidence: 0,
    gates: run.gates.map((gate) => ({
      ...gate,
      status: "unknown",
      score: 0,
      reason: reason.message,
    })),
    attempts: run.attempts.map(interruptedAttempt),
    warnings: [...run.warnings, `interrupted: ${reason.message}`],
  };
}
