import { UserError } from "../errors.ts";
import type { Reference } from "./types.ts";

const examples = "test:12:3, test:12, test, ~1, test:~2, @failed, @failed:2 or a run's id";
const plainName = /^[A-Za-z0-9_.\-/]+$/;
const namePattern = /^[\p{L}\p{N}_.\-/]+$/u;

/**
 * A run's id or its beginning. Times until the year 3084 make a ULID begin with 0, and assay prints it in
 * capitals, so that a runner's name is hardly ever taken for one; `0NAME:~1` names such a runner's newest.
 */
const runPattern = /^0[0-9A-HJKMNP-TV-Z]{5,25}$/;
const wholeRunPattern = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i;

/** Whether a reference can name a runner or command of this name. */
export function isReferable(name: string): boolean {
  // Most names are plain, and compiling the classes of all letters takes a third of a millisecond.
  return plainName.test(name) || namePattern.test(name);
}

function wrong(text: string, why: string): UserError {
  return new UserError(`Cannot read reference "${text}": ${why}`, {
    code: "reference_invalid",
    hint: `write ${examples}`,
  });
}

/** A number from 1, as people count runs and events. */
function count(text: string, digits: string, what: string): number {
  const number = /^\d+$/.test(digits) ? Number(digits) : NaN;
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw wrong(text, `"${digits}" is not a valid ${what} (a number from 1)`);
}

function event(text: string, parts: readonly string[]): { event?: number } {
  const [digits, ...more] = parts;
  if (digits === undefined) return {};
  if (more.length > 0) throw wrong(text, "it has more parts than name:serial:event");
  return { event: count(text, digits, "event") };
}

function ofName(text: string, name: string, parts: readonly string[]): Reference {
  if (!isReferable(name)) {
    throw wrong(text, `"${name}" is not a valid name (letters, digits, _ - . /)`);
  }
  const [which, ...rest] = parts;
  if (which === undefined) return { form: "newest", name, back: 1 };
  if (which.startsWith("~")) {
    const back = count(text, which.slice(1), "step back");
    return { form: "newest", name, back, ...event(text, rest) };
  }
  const serial = count(text, which, "serial");
  return { form: "serial", name, serial, ...event(text, rest) };
}

/**
 * Reads what people write to name an attempt, an event or a run; the one parser for all callers.
 *
 * `test:12:3` event 3 of attempt 12 of `test` · `test:12` · `test` its newest attempt · `test:~2` the one
 * before · `~1` the newest of all · `@failed` the newest that failed · each may end in `:event` · a run's
 * id or the beginning of one, of at least 6 characters.
 *
 * @throws {UserError} when it is none of these.
 */
export function parseReference(text: string): Reference {
  const [head = "", ...parts] = text.split(":");
  if (text === "") throw wrong(text, "it is empty");
  if (parts.length === 0 && wholeRunPattern.test(text)) {
    return { form: "run", runId: text.toUpperCase() };
  }
  if (parts.length === 0 && runPattern.test(text)) return { form: "run", runId: text };
  if (head === "@failed") return { form: "failed", ...event(text, parts) };
  if (head.startsWith("@")) throw wrong(text, `"${head}" is unknown; use @failed`);
  if (head.startsWith("~")) {
    const back = count(text, head.slice(1), "step back");
    return { form: "newest", back, ...event(text, parts) };
  }
  return ofName(text, head, parts);
}

/** Writes a reference so that {@linkcode parseReference} reads the same one. */
export function formatReference(reference: Reference): string {
  if (reference.form === "run") return reference.runId;
  const tail = reference.event === undefined ? "" : `:${reference.event}`;
  switch (reference.form) {
    case "failed":
      return `@failed${tail}`;
    case "serial":
      return `${reference.name}:${reference.serial}${tail}`;
    case "newest": {
      const name = reference.name === undefined ? "" : `${reference.name}:`;
      return `${name}~${reference.back}${tail}`;
    }
  }
}
