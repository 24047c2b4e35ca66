import { messageOf } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import type { Attempt, Run } from "../model.ts";
import { isTable } from "../text/values.ts";
import { guarded } from "../failure.ts";
import type { Layout } from "./_layout.ts";

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

/** Writes a run's `run.json`, whole and atomically. */
export async function writeRunFile(io: Io, { runFile }: Layout, run: Run): Promise<void> {
  const path = runFile(run.run_id);
  const text = `${JSON.stringify(run, null, 2)}\n`;
  await guarded(`write ${path}`, () => io.fs.writeAtomic(path, text));
}

/**
 * The run with what its journal says of its attempts: between its start and its end `run.json` is not written. A
 * line without its end was being written when the process died. One that cannot be read is a warning, and an
 * attempt whose end it may have been has not ended.
 */
export async function withJournal(io: Io, layout: Layout, run: Run): Promise<Run> {
  const path = layout.journal(run.run_id);
  const lines = (await journalText(io, path)).split("\n").slice(0, -1);
  const { mismatch } = await import("../schema/run.ts");
  const { runEvent } = await import("../schema/journal.ts");
  const attempts = new Map(run.attempts.map((attempt) => [attempt.attempt_id, attempt]));
  const unread: number[] = [];
  for (const [index, line] of lines.entries()) {
    try {
      const event = JSON.parse(line);
      if (mismatch(runEvent, event) !== undefined) throw new Error("it fits no schema");
      const { type, attempt } = event;
      if (type === "settled" || type === "started" && !attempts.has(attempt.attempt_id)) {
        attempts.set(attempt.attempt_id, attempt);
      }
    } catch {
      unread.push(index + 1);
    }
  }
  const warnings = unread.length === 0
    ? run.warnings
    : [...run.warnings, `${path}: cannot be read in line ${unread.slice(0, 5).join(", ")}`];
  return { ...run, attempts: [...attempts.values()], warnings };
}

async function journalText(io: Io, path: string): Promise<string> {
  try {
    return await guarded(`read ${path}`, () => io.fs.readText(path));
  } catch (error) {
    if (isNotFound(error)) return "";
    throw error;
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
