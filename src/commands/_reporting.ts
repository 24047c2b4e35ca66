/** The reports a call asks for with `--reporter NAME[=FILE]`: where they go, and whether they can be written there. */

import { basename, dirname, join, relative, resolve } from "@std/path";
import { didYouMean } from "../text/did_you_mean.ts";
import { messageOf, usageError, UserError, UserErrors } from "../errors.ts";
import type { Project } from "../config/types.ts";
import { errorCode, type FileWriter, type Io } from "../io.ts";
import type { Attempt } from "../model.ts";
import type { LiveEvent } from "../run/mod.ts";
import type { RunEvent } from "../schema/journal.ts";
import { readJournal } from "../store/journal.ts";
import type { EventPages, Store } from "../store/types.ts";
import { isInProject } from "../report/reporters/_text.ts";
import { type Reporter, reporters, type RunReport } from "../report/reporters/mod.ts";
import type { Look } from "../report/terminal/style.ts";
import { jsonText } from "../text/clean.ts";
import { durationText } from "../text/words.ts";
import { ulid } from "../ulid.ts";
import type { Call } from "./types.ts";

/** The width without a terminal: files, summaries. */
const plain: Look = { columns: 100, color: false };

interface Asked {
  readonly reporter: Reporter;
  /** Absent: standard output. */
  readonly target?: Target;
}

export interface Reporting {
  /** One of them has standard output. */
  readonly takesStdout: boolean;
  /** That one is the summary for people. */
  readonly isSummary: boolean;
  /** Passes on what happens to a reporter that streams to standard output. */
  hear(event: LiveEvent): void;
  /**
   * Writes every one of them.
   *
   * @returns what could not be written; the others are
   */
  write(source: ReportSource, project: Project, store: Store): Promise<readonly UserError[]>;
}

/**
 * What the call asks for. Creates the folders and tests writing to them before the run, not after it; an earlier
 * report in the same place is removed.
 *
 * @param fallback the reporter on standard output when none is asked for
 * @throws {UserError} when that fails
 */
export async function openReporting(
  call: Call,
  root: string,
  fallback?: string,
): Promise<Reporting> {
  const given = [...call.list("reporter"), ...call.json ? ["json"] : []];
  const asked = await Promise.all(
    (given.length === 0 && fallback !== undefined ? [fallback] : given)
      .map((text) => askedFor(call.io, root, text)),
  );
  refuseSame(asked);
  for (const { target } of asked) if (target) await tryTarget(call.io, target);
  const onStdout = asked.find(({ target }) => target === undefined);
  const isWanted = asked.some(({ reporter }) => reporter.streams);
  const heard: RunEvent[] = [];
  return {
    takesStdout: onStdout !== undefined,
    isSummary: onStdout?.reporter.name === "terminal",
    hear(event) {
      if (!isWanted) return;
      const { chunk: _, ...line } = { chunk: undefined, ...event };
      heard.push(line);
      if (onStdout?.reporter.streams) call.io.stdout.write(`${jsonText(line)}\n`);
    },
    async write(source, project, store) {
      const hasStreamed = heard.length > 0 && onStdout?.reporter.streams;
      const left = asked.filter((each) => !hasStreamed || each !== onStdout);
      // What a command could have replaced is read only where nothing was heard: for a stored run.
      const { journal, problems } = isWanted && heard.length === 0
        ? await readJournal(call.io, source.run)
        : { journal: heard, problems: [] };
      const report = { ...await runReport(source, project, store), journal };
      return [...problems, ...await writeAll(call, left, report)];
    },
  };
}

async function askedFor(io: Io, root: string, text: string): Promise<Asked> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const names = reporters.map((each) => each.name);
  const reporter = reporters.find((each) => each.name === name);
  if (!reporter) {
    const guess = didYouMean(name, names);
    throw new UserError(`--reporter: unknown reporter "${name}"${guess}`, {
      code: "unknown_reporter",
      hint: `reporters: ${names.join(", ")}`,
    });
  }
  if (at < 0) return { reporter };
  const file = text.slice(at + 1);
  if (file === "" || file === "-") {
    const hint = `for standard output: --reporter ${name}`;
    throw usageError(`--reporter ${text}: "${file}" is not a file`, hint);
  }
  return { reporter, target: await targetOf(io, root, file) };
}

function refuseSame(asked: readonly Asked[]): void {
  const onStdout = asked.filter(({ target }) => target === undefined);
  if (onStdout.length > 1) {
    const names = onStdout.map(({ reporter }) => reporter.name);
    const hint = `give one of them a file: --reporter ${names[1]}=FILE`;
    throw usageError(`Two reporters write to standard output: ${names.join(" and ")}`, hint);
  }
  const paths = asked.flatMap(({ target }) => target && !target.isSpecial ? [target.path] : []);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return;
  throw usageError(`Two reporters write to the file ${twice}`, "give each its own file");
}

async function writeAll(
  call: Call,
  asked: readonly Asked[],
  report: RunReport,
): Promise<readonly UserError[]> {
  const problems: UserError[] = [];
  for (const { reporter, target } of asked) {
    const { render } = await reporter.load();
    try {
      if (target) await writeTarget(call.io, target, render(report, plain));
      else for (const chunk of inChunks(render(report, call))) call.io.stdout.write(chunk);
    } catch (error) {
      // An error not from a file system is a bug of ours, or from standard output.
      if (!(error instanceof UserError) && errorCode(error) === undefined) throw error;
      problems.push(
        error instanceof UserError ? error : unwritable(target?.given, messageOf(error)),
      );
    }
    const problem = await appendReport(call.io, reporter, report);
    if (problem) problems.push(problem);
  }
  return problems;
}

/** What GitHub accepts per step. */
const summaryLimit = 1024 * 1024;

async function appendReport(
  io: Io,
  { appends }: Reporter,
  report: RunReport,
): Promise<UserError | undefined> {
  const file = appends && io.env(appends.variable);
  if (!appends || !file) return undefined;
  const { render } = await reporters.find(({ name }) => name === appends.reporter)!.load();
  try {
    const path = resolve(io.cwd, file);
    const text = [...render(report, plain)].join("");
    const size = (await io.fs.stat(path))?.size ?? 0;
    if (size + new TextEncoder().encode(text).length > summaryLimit) {
      throw new Error("it would exceed GitHub's limit of 1 MiB");
    }
    await io.fs.append(path, text);
    return undefined;
  } catch (error) {
    return unwritable(`$${appends.variable}`, messageOf(error));
  }
}

export function joined(problems: readonly UserError[]): UserError {
  return problems.length === 1 ? problems[0]! : new UserErrors(problems);
}

type ReportSource = Pick<RunReport, "run" | "diagnoses" | "annotations">;

/** The single record that every reporter works from. */
async function runReport(
  source: ReportSource,
  project: Project,
  store: Store,
): Promise<Omit<RunReport, "journal">> {
  // A file that a person would open to fix a problem of the whole run.
  const own = project.files.find((file) => isInProject(file) && file !== ".assay/lock.json");
  const places = own !== undefined
    ? [{ file: own }]
    : source.run.attempts.map((attempt) => placeOf(attempt, project));
  const place = places.find((each) => each !== undefined) ?? { file: ".assay/config.toml" };
  const pages = new Map<string, EventPages>();
  for (const { attempt_id } of source.run.attempts) {
    pages.set(attempt_id, await store.eventPages(attempt_id));
  }
  return {
    ...source,
    place,
    placeOf: (attempt) => placeOf(attempt, project) ?? place,
    events: ({ attempt_id }, options = {}) => pages.get(attempt_id)?.(options) ?? [],
  };
}

function placeOf(
  { name: id }: Attempt,
  { runners, commands }: Project,
): RunReport["place"] | undefined {
  const def = [...runners, ...commands].find((each) => each.id === id);
  if (!def) return undefined;
  const { file, line } = def.origin;
  if (file !== "built-in" && isInProject(file)) {
    return { file, ...line === undefined ? {} : { line } };
  }
  // The file that makes a built-in runner apply, if it is a name and not a pattern.
  const names = def.detect.map((each) => typeof each === "string" ? each : each.file);
  const detected = names.find((name) => isInProject(name) && !/[*?[{]/.test(name));
  return detected === undefined ? undefined : { file: detected };
}

// A file that a report is written to: checked before the run, written when it is over.

/** Characters per write. */
const chunkSize = 64 * 1024;

/** How long a pipe may wait for its reader, in milliseconds. */
const readerMs = 5_000;

interface Target {
  readonly given: string;
  /** The folder, without links. */
  readonly folder: string;
  readonly path: string;
  /** A device or a pipe that is there already: written into, never replaced. */
  readonly isSpecial: boolean;
}

/**
 * The resolved file, with its folder created.
 *
 * @throws {UserError} when no report can be there
 */
async function targetOf(io: Io, root: string, given: string): Promise<Target> {
  const path = resolve(io.cwd, given);
  refuseOwn(root, path, given);
  try {
    const info = await io.fs.stat(path);
    if (info?.isDirectory) throw new Error("it is a folder");
    await io.fs.mkdir(dirname(path));
    const folder = await io.fs.realPath(dirname(path));
    refuseOwn(root, join(folder, basename(path)), given);
    const isSpecial = info !== undefined && !info.isFile;
    return { given, folder, path: isSpecial ? path : join(folder, basename(path)), isSpecial };
  } catch (error) {
    throw error instanceof UserError ? error : unwritable(given, messageOf(error));
  }
}

/** A report must not overwrite evidence, configuration or the repository. */
function refuseOwn(root: string, path: string, given: string): void {
  for (const [name, owner] of [[".assay", "assay's own"], [".git", "git's own"]] as const) {
    const own = relative(join(root, name), path);
    if (own !== "" && !isInProject(own)) continue;
    throw unwritable(given, `the contents of ${name}/ are ${owner}`, `use a file outside ${name}/`);
  }
}

/**
 * Writes an empty file next to the target, and removes both: however this call ends, an earlier
 * report is not taken for its own.
 */
async function tryTarget(io: Io, target: Target): Promise<void> {
  if (target.isSpecial) return;
  try {
    await viaTemporary(io, target, [], () => io.fs.remove(target.path));
  } catch (error) {
    throw unwritable(target.given, messageOf(error));
  }
}

/** Writes a new file next to the target and passes it to `finish`; it is removed if that fails. */
async function viaTemporary(
  io: Io,
  { path }: Target,
  text: Iterable<string>,
  finish: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${ulid(io)}.tmp`;
  try {
    await writeInto(await io.fs.openWrite(temporary), text);
    await finish(temporary);
  } finally {
    await io.fs.remove(temporary);
  }
}

async function writeInto(file: FileWriter, text: Iterable<string>): Promise<void> {
  const encoder = new TextEncoder();
  try {
    for (const chunk of inChunks(text)) await file.write(encoder.encode(chunk));
  } finally {
    file.close();
  }
}

/** A pipe opens when it is read, which may be never. */
async function openSpecial(io: Io, { path, given }: Target): Promise<FileWriter> {
  const timer = new AbortController();
  const late = io.sleep(readerMs, timer.signal).then(() => undefined, () => undefined);
  const file = await Promise.race([io.fs.openSpecial(path), late]);
  timer.abort();
  if (file) return file;
  throw unwritable(given, `it was not read within ${durationText(readerMs)}`);
}

/** The same text in pieces large enough for one call. */
function* inChunks(text: Iterable<string>): Generator<string> {
  let chunk = "";
  for (const piece of text) {
    chunk += piece;
    if (chunk.length < chunkSize) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}

/** Writes the report: concurrent readers see the old file or the new one. */
async function writeTarget(io: Io, target: Target, text: Iterable<string>): Promise<void> {
  if (target.isSpecial) return await writeInto(await openSpecial(io, target), text);
  // A command of the run may have replaced the folder by a link.
  await io.fs.mkdir(target.folder);
  if (await io.fs.realPath(target.folder) !== target.folder) {
    throw unwritable(target.given, "its folder was replaced by a link while the commands ran");
  }
  await viaTemporary(io, target, text, (temporary) => io.fs.rename(temporary, target.path));
}

/** The error for a report that cannot be written; without `given`: to standard output. */
function unwritable(given: string | undefined, why: string, hint?: string): UserError {
  // Deno appends the call and its paths to the reason; we show the path that was given.
  const reason = why.replace(/: \w+ '.*$/s, "");
  return new UserError(`Cannot write the report ${given ?? "to standard output"}: ${reason}`, {
    code: "report_unwritable",
    hint: hint ?? "use a file in a writable folder; for standard output, leave out =FILE",
  });
}
