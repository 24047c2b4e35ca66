/** Turns what a parser yields into stored events and the counts the verdict is based on. */

import { isAbsolute, normalize, relative, resolve } from "@std/path";
import type { Io } from "../io.ts";
import type { Event, Severity, TestCounts } from "../model.ts";
import type {
  BrokenReportEvent,
  DeclaredReportEvent,
  ParseContext,
  ReportEvent,
} from "../plugin.ts";
import { defined } from "../text/values.ts";

/** Warnings kept per report. */
const maxWarnings = 20;

/** Everything counted in one report. */
export interface ReportCounts {
  readonly tests: TestCounts;
  readonly severities: Record<Severity, number>;
  suiteErrors: number;
  /** Message of the first error outside any test. */
  suiteError: string | undefined;
  /** What the report claims for itself, or `undefined` when it claims nothing. */
  declared: Omit<DeclaredReportEvent, "kind"> | undefined;
  /** What the tool says when it looked at nothing. */
  nothingChecked: string | undefined;
  readonly warnings: string[];
  broken: BrokenReportEvent | undefined;
  /** Files that a runner ran and shows as one test each, to be distinguished: see `file_cases.ts`. */
  readonly fileCases: string[];
  /** Those of them that have tests, none of which was counted. */
  readonly uncountedFiles: string[];
  /** Those that are scripts: their exit code is the only evidence. */
  readonly scriptFiles: string[];
  /** The parser said it read the report to its end. */
  complete: boolean;
}

/** Counts of nothing. */
export function emptyCounts(): ReportCounts {
  return {
    tests: { total: 0, passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 },
    severities: { error: 0, warning: 0, info: 0 },
    suiteErrors: 0,
    suiteError: undefined,
    declared: undefined,
    nothingChecked: undefined,
    warnings: [],
    broken: undefined,
    fileCases: [],
    uncountedFiles: [],
    scriptFiles: [],
    complete: false,
  };
}

/** How many diagnostics of any severity. */
export function diagnosticCount({ severities }: ReportCounts): number {
  return severities.error + severities.warning + severities.info;
}

/** How events get their identities: the store's function, or that of a caller that keeps nothing. */
export type Fingerprint = (
  parts: Pick<Event, "type" | "tool" | "file" | "suite" | "name" | "rule" | "message">,
) => { readonly identity: string; readonly cluster: string };

/**
 * Adds one parsed event to the counts.
 *
 * @returns the event to store, or `undefined` for those that only count
 */
export function take(
  event: ReportEvent,
  counts: ReportCounts,
  index: number,
  context: ParseContext,
  fingerprint: Fingerprint,
): Event | undefined {
  switch (event.kind) {
    case "end":
      counts.complete = true;
      return undefined;
    case "broken":
      counts.broken ??= event;
      return undefined;
    case "declared":
      counts.declared = addDeclared(counts.declared, event);
      return undefined;
    case "nothing_checked":
      counts.nothingChecked ??= event.message;
      return undefined;
    case "warning":
      if (counts.warnings.length < maxWarnings) counts.warnings.push(event.message.slice(0, 1000));
      return undefined;
    case "test":
      counts.tests.total++;
      counts.tests[event.status]++;
      if (event.flaky && event.status === "passed") counts.tests.flaky++;
      if (event.isFile && event.status === "passed" && event.file !== undefined) {
        counts.fileCases.push(relativeToRoot(event.file, context));
      }
      break;
    case "diagnostic":
      counts.severities[event.severity]++;
      break;
    case "suite_error":
      counts.suiteErrors++;
      counts.suiteError ??= event.message;
      break;
  }
  return stored(event, index, context, fingerprint);
}

type StoredReportEvent = Extract<ReportEvent, { kind: "test" | "diagnostic" | "suite_error" }>;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** Field by field: there may be a million. */
function stored(
  reported: StoredReportEvent,
  index: number,
  context: ParseContext,
  fingerprint: Fingerprint,
): Event {
  const { kind: type, message, details, file, line, frames } = reported;
  const name = reported.kind === "diagnostic" ? undefined : reported.name;
  const status = reported.kind === "test"
    ? reported.status
    : reported.kind === "diagnostic"
    ? reported.severity
    : "error";
  const event: Writable<Event> = { index, type, status, identity: "", cluster: "" };
  if (name !== undefined) {
    // `node --test` names a file that failed by its absolute path.
    event.name = name.startsWith(`${context.root}/`) ? relativeToRoot(name, context) : name;
  }
  if (reported.kind === "test") {
    if (reported.suite !== undefined) event.suite = reported.suite;
    if (reported.column !== undefined) event.column = reported.column;
    if (reported.durationMs !== undefined) event.duration_ms = reported.durationMs;
    if (reported.flaky && status === "passed") event.flaky = true;
  } else if (reported.kind === "diagnostic") {
    if (reported.rule !== undefined) event.rule = reported.rule;
    if (reported.tool !== undefined) event.tool = reported.tool;
    if (reported.column !== undefined) event.column = reported.column;
    if (reported.endLine !== undefined) event.end_line = reported.endLine;
    if (reported.endColumn !== undefined) event.end_column = reported.endColumn;
  }
  if (message !== undefined) event.message = message;
  if (details !== undefined) event.details = details;
  if (file !== undefined) event.file = relativeToRoot(file, context);
  if (line !== undefined) event.line = line;
  if (frames !== undefined && frames.length > 0) {
    event.frames = frames.map((frame) => ({
      ...frame,
      file: relativeToRoot(frame.file, context),
    }));
  }
  const { identity, cluster } = fingerprint(event);
  event.identity = identity;
  event.cluster = cluster;
  return event;
}

/** Paths in reports are absolute, `file:` URLs, or relative to where the command ran. */
export function relativeToRoot(file: string, { root, cwd }: ParseContext): string {
  const path = file.startsWith("file://") ? decodeURIComponent(new URL(file).pathname) : file;
  if (!isAbsolute(path) && root === cwd) {
    return path.startsWith("./") || path.includes("/../") ? normalize(path) : path;
  }
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  const inside = relative(root, absolute);
  return inside.startsWith("..") ? absolute : inside;
}

function addDeclared(
  sum: Omit<DeclaredReportEvent, "kind"> | undefined,
  { kind: _, ...claim }: DeclaredReportEvent,
): Omit<DeclaredReportEvent, "kind"> {
  const add = (one?: number, other?: number) =>
    one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
  return defined({
    tests: add(sum?.tests, claim.tests),
    passed: add(sum?.passed, claim.passed),
    failed: add(sum?.failed, claim.failed),
    errored: add(sum?.errored, claim.errored),
    skipped: add(sum?.skipped, claim.skipped),
  });
}

// Cases that are whole files. `node --test` shows a file that ended without a test of its own as one test that
// passed, whether it is a plain script or called `process.exit(0)` before its tests had ended.

/** Larger sources are not read. */
const sourceLimit = 4 * 1024 * 1024;

/** A source may load `node:test` in ways not seen here; package `test` backports it to older versions of Node. */
const importsTests = /["'`]node:test["'`]|\b(?:from|import|require)\s*\(?\s*["'`]test["'`]/;

/** What `node --test` takes for a test file by default. */
const testName =
  /(?:^|[/\\])(?:test[/\\].+|test|test-[^/\\]+|[^/\\]+[._-](?:test|spec))\.[cm]?[jt]s$/;

/** Removes files that have tests from the counts, and separates them from scripts. */
export async function sortFileCases(
  counts: ReportCounts,
  { fs }: Pick<Io, "fs">,
  root: string,
): Promise<void> {
  for (const file of counts.fileCases) {
    const has = await hasTests(fs, resolve(root, file));
    if (has || testName.test(file)) {
      counts.uncountedFiles.push(file);
      counts.tests.total--;
      counts.tests.passed--;
    } else if (has === false) counts.scriptFiles.push(file);
    // If no such file exists, it is a test that has a file's name.
  }
}

/** `undefined` when there is no such file. What cannot be read may have tests. */
async function hasTests(fs: Io["fs"], path: string): Promise<boolean | undefined> {
  try {
    const info = await fs.stat(path);
    if (!info?.isFile) return undefined;
    return info.size > sourceLimit || importsTests.test(await fs.readText(path));
  } catch {
    return true;
  }
}
