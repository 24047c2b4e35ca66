/** Stages "collect", "parse" and "store": what an execution left behind, kept and read. */

import { join, relative, resolve } from "@std/path";
import { messageOf } from "../errors.ts";
import { emptySha256, type Io, textOf } from "../io.ts";
import type { Artifact, Denial } from "../model.ts";
import type { OutputHandle, ParseContext } from "../plugin.ts";
import { fingerprint } from "../store/fingerprint.ts";
import type { ReportFacts } from "../verdict/types.ts";
import { isWithin } from "../text/paths.ts";
import { hostOf } from "./call.ts";
import { collect } from "./collect.ts";
import { allDenials } from "./denied.ts";
import { emptyCounts, type ReportCounts, sortFileCases } from "./counts.ts";
import { type ExtensionData, storeData } from "./extension_data.ts";
import { openKept, outputHandle, resultOf } from "./output_handle.ts";
import { folderName } from "./prepare.ts";
import { artifactOf, type Before, findReport, keepReport, sameFile, stateOf } from "./report.ts";
import { type ReadingLimits, readReport } from "./read_report.ts";
import { realPlace } from "../store/aside.ts";
import type { Captured } from "../process/capture.ts";
import type { Executed } from "../process/types.ts";
import type { AttemptContext, Prepared } from "./types.ts";

/** A report that was looked for. */
type ReportFound = Pick<ReportFacts, "state" | "message">;

/** What an attempt's verdict is based on. */
export interface Evidence {
  readonly executed: Executed;
  /** `undefined` when the exit code decides. */
  readonly report: ReportFound | undefined;
  readonly counts: ReportCounts;
  /** The program the shell did not find. */
  readonly toolMissing: string | undefined;
  readonly oom: boolean;
  readonly artifacts: readonly Artifact[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly denials: readonly Denial[];
  readonly extensionData: ExtensionData;
}

/** A report and what was read of it. */
interface Reading {
  readonly report: ReportFound | undefined;
  readonly counts: ReportCounts;
  readonly artifact?: Artifact;
}

/** Reads and keeps what the execution left. */
export async function gather(
  prepared: Prepared,
  before: Before | undefined,
  executed: Executed,
  context: AttemptContext,
): Promise<Evidence> {
  const { io, project: { root } } = context;
  const outputs = await keepOutputs(prepared, executed, context);
  const { metrics, denials, artifacts } = await collect(prepared, executed, context);
  const files = await keepArtifacts(prepared, artifacts, context);
  const reading = await read(prepared, before, executed, context);
  const { report, counts, artifact } = reading;
  if (needsExplaining(executed, reading)) await explainByOutput(prepared, context);
  // Of the files that collectors named, extensions see those that were kept.
  const kept = Object.fromEntries(files.map(({ name, path }) => [name, join(root, path)]));
  const result = () => resultOf(io, prepared, executed, { metrics, denials, artifacts: kept });
  return {
    executed,
    report,
    counts,
    toolMissing: await findMissingTool(io, prepared, executed),
    oom: executed.usage.oom && wasKilled(executed),
    artifacts: [...outputs, ...artifact ? [artifact] : [], ...files],
    metrics,
    denials: await allDenials(denials, prepared, executed, io),
    extensionData: await storeData(prepared, result, hostOf(context, prepared.say)),
  };
}

async function keepOutputs(
  { stdoutFile, stderrFile }: Prepared,
  { pid, stdout, stderr }: Executed,
  { io, project: { root } }: AttemptContext,
): Promise<Artifact[]> {
  if (pid === null) return [];
  const kept = async (name: string, file: string, { kept }: Captured) =>
    kept > 0
      ? await artifactOf(io, root, name, file)
      : { name, path: relative(root, file), sha256: emptySha256, bytes: 0 };
  return [await kept("stdout", stdoutFile, stdout), await kept("stderr", stderrFile, stderr)];
}

async function read(
  prepared: Prepared,
  before: Before | undefined,
  executed: Executed,
  context: AttemptContext,
): Promise<Reading> {
  const { def } = prepared;
  if (def.resultFormat === "exit-code" || executed.pid === null) {
    return { report: undefined, counts: emptyCounts() };
  }
  if (before === undefined) return await readOutput(prepared, executed, context);

  const { io, project, writer } = context;
  const found = await findReport(
    io,
    project.root,
    before,
    prepared.sandboxed !== undefined,
  );
  if ("state" in found) return { report: found, counts: emptyCounts() };
  const name = relative(project.root, prepared.resultFile!);
  const overwritten: ReportFound = { state: "overwritten", message: name };
  const isAsLeft = async () => {
    const now = await io.fs.stat(found.path);
    return now !== undefined && executed.report !== undefined && sameFile(executed.report, now);
  };
  if (executed.usage.changed || !await isAsLeft()) {
    return { report: overwritten, counts: emptyCounts() };
  }
  // The next command that writes the same report moves this one away.
  const keptIn = context.sharedReports.has(before.place) ? prepared.dir : writer.dir;
  const artifact = await keepReport(io, project.root, found.path, keptIn, prepared.dir);
  const kept = `${project.root}/${artifact.path}`;
  const reading = await parse(prepared, kept, name, def.resultFormat, context);
  if (!await isAsLeft()) return { ...reading, artifact, report: overwritten };
  return {
    ...reading,
    artifact,
    report: await againstOutput(reading, prepared, executed, context),
  };
}

/** A report that shows no failure while standard output mentions tests missing from it is truncated. */
async function againstOutput(
  { report, counts }: Reading,
  { def, stdoutFile }: Prepared,
  { stdout }: Executed,
  { io }: AttemptContext,
): Promise<ReportFound | undefined> {
  const failing = counts.tests.failed + counts.tests.errored + counts.suiteErrors;
  if (def.kind !== "test" || report?.state !== "read" || failing > 0) return report;
  const message = await unseenTests(counts, outputHandle(io, stdoutFile, stdout));
  if (message === undefined) return report;
  return { state: "truncated", message };
}

async function readOutput(
  prepared: Prepared,
  { stdout, outputGrew }: Executed,
  context: AttemptContext,
): Promise<Reading> {
  const { stdoutFile, def } = prepared;
  const reading = await parse(prepared, stdoutFile, "standard output", def.resultFormat, context);
  if (outputGrew) {
    return { ...reading, report: { state: "overwritten", message: "standard output" } };
  }
  if (!stdout.truncated && !stdout.abandoned) return reading;
  const message = stdout.truncated
    ? `standard output is larger than the ${stdout.kept} bytes kept`
    : "standard output was still open when the command ended";
  return { ...reading, report: { state: "truncated", message } };
}

async function parse(
  prepared: Prepared,
  file: string,
  source: string,
  format: string,
  attempt: AttemptContext,
): Promise<Reading> {
  const { io, project, writer, plugins } = attempt;
  const { cwd, attemptId } = prepared.spec;
  const context: ParseContext = { root: project.root, cwd, source };
  const counts = await readReport(
    plugins.parser(format),
    await openKept(io, file),
    context,
    fingerprint,
    (events) => writer.addEvents(attemptId, events),
    readingLimits(prepared, attempt),
  );
  await sortFileCases(counts, io, project.root);
  const [script] = counts.scriptFiles;
  if (script !== undefined) {
    const more = counts.scriptFiles.length - 1;
    prepared.say(
      `${script}${more > 0 ? ` and ${more} more` : ""} counts by exit code alone: ` +
        "the report shows the file as one test, and it does not import node:test",
    );
  }
  // A file that was only opened holds as little as one that was never written.
  const isEmpty = counts.broken?.reason === "truncated" &&
    ((await io.fs.stat(file))?.size ?? 0) === 0;
  const report = isEmpty
    ? { state: "missing" as const, message: `${source} is empty` }
    : stateOf(counts);
  return { report, counts };
}

/** A report may take as long to read as its command may take to write it; small limits are for commands. */
const leastReadingMs = 60_000;

function readingLimits({ spec }: Prepared, { io, signal }: AttemptContext): ReadingLimits {
  return { io, signal, timeoutMs: Math.max(leastReadingMs, spec.timeoutMs) };
}

function wasKilled({ signal, exitCode, timedOut, cancelled }: Executed): boolean {
  return (signal === "SIGKILL" || exitCode === 128 + 9) && !timedOut && !cancelled;
}

/** A command that did not succeed and whose report names no event is explained by its output. */
function needsExplaining(executed: Executed, { report, counts }: Reading): boolean {
  if (executed.pid === null) return false;
  const { tests, severities, suiteErrors } = counts;
  const named = tests.failed + tests.errored + suiteErrors + severities.error + severities.warning;
  const bad = executed.exitCode !== 0 || (report !== undefined && report.state !== "read");
  return bad && named === 0;
}

/**
 * Diagnostics found in the raw output of a tool assay does not know. They explain a verdict and never
 * make one, so they are stored and not counted.
 */
async function explainByOutput(
  prepared: Prepared,
  context: AttemptContext,
): Promise<void> {
  const { stdoutFile, stderrFile, spec: { attemptId, cwd } } = prepared;
  for (const [file, source] of [[stdoutFile, "standard output"], [stderrFile, "standard error"]]) {
    await readReport(
      context.plugins.parser("text"),
      await openKept(context.io, file!),
      { root: context.project.root, cwd, source: source! },
      fingerprint,
      (events) => context.writer.addEvents(attemptId, events),
      readingLimits(prepared, context),
    );
  }
}

// What standard output says about tests that a report file does not show.

/** Bytes looked at in one go, and how many of them are looked at again with those that follow. */
const partBytes = 1024 * 1024;
const overlapBytes = 4096;

/**
 * How many tests will run, as pytest and pytest-xdist print before the first. `pytest.exit(returncode=0)` and hooks
 * that swallow a test leave a report that agrees with itself and shows fewer.
 */
const counted =
  /^(?:collecting \.\.\. )?collected (\d+) items?(?: \/ [\d\w /]*?(\d+) selected)?|^\d+ workers? \[(\d+) items?\]/gm;

/** pytest's last line when something stopped it. */
const stopped = /^!+ (?:(?:_pytest\.outcomes\.)?Exit\b|Interrupted: |KeyboardInterrupt\b).*$/m;

/**
 * What `node --test` ends its output with. All processes of a command write to the same file, where only the last one
 * remains.
 */
const runOfNode = /^ℹ tests \d+$/gm;

/** What standard output says that the report does not show; `undefined` for nothing. */
async function unseenTests(
  { tests }: Pick<ReportCounts, "tests">,
  { bytes, readText }: Pick<OutputHandle, "bytes" | "readText">,
): Promise<string | undefined> {
  const step = partBytes - overlapBytes;
  let runs = 0;
  for (let from = 0; from < bytes; from += step) {
    // deno-lint-ignore no-control-regex
    const text = (await readText({ from, bytes: partBytes })).replace(/\x1b\[[\d;]*m/g, "");
    const line = text.match(stopped)?.[0] ??
      text.matchAll(counted).find(([, all, selected, shared]) =>
        Number(selected ?? all ?? shared) > tests.total
      )?.[0];
    if (line !== undefined) {
      const said = line.trim().slice(0, 200);
      return `standard output says "${said}", but the report has ${tests.total}`;
    }
    runs += Array.from(text.matchAll(runOfNode)).filter(({ index }) => index < step).length;
  }
  if (runs < 2) return undefined;
  return `standard output shows ${runs} runs of node --test, but the report only has the last: ` +
    "pass all files to one node --test";
}

// Whether the shell found the program.

/** How much of the end of standard error is looked at, in bytes. */
const tailBytes = 16 * 1024;

/**
 * The program that was not found or may not be executed, or `undefined`. The shell says so by exit
 * code 127 or 126; in a pipeline only its last command's code counts, so there the shell's own
 * message on standard error counts as well.
 */
async function findMissingTool(
  io: Io,
  { stderrFile, argv, spec: { command } }: Prepared,
  { exitCode, spawnError, stderr }: Executed,
): Promise<string | undefined> {
  if (spawnError) return spawnError.isMissing ? argv[0] : undefined;
  const byCode = exitCode === 127 || exitCode === 126;
  if (!byCode && !isPipeline(command)) return undefined;
  if (stderr.kept === 0) return byCode ? firstWord(command) : undefined;
  const start = Math.max(0, stderr.kept - tailBytes);
  const text = await textOf(await io.fs.openRead(stderrFile, start));
  return shellComplaint(text) ?? (byCode ? firstWord(command) : undefined);
}

/** `sh: 1: foo: not found` (dash), `sh: line 1: foo: command not found` (bash), `sh: foo: not found` (busybox). */
function shellComplaint(text: string): string | undefined {
  const pattern =
    /^(?:\/\S*\/)?(?:sh|dash|bash|ash)(?:: line \d+|: \d+)?: (\S+): (?:command )?(?:not found|Permission denied|No such file or directory)$/m;
  return pattern.exec(text)?.[1];
}

function isPipeline(command: string): boolean {
  return /[^|]\|[^|]/.test(command);
}

/** The first word that is not an assignment such as `FOO=1`. */
function firstWord(command: string): string {
  return command.trim().split(/\s+/).find((word) => !/^\w+=/.test(word)) ?? command;
}

// Copies the files that collectors name into the attempt's folder.

/** Keeps each file by its name, with its hash. One that cannot be kept is a warning. */
async function keepArtifacts(
  prepared: Prepared,
  files: Readonly<Record<string, string>>,
  context: Pick<AttemptContext, "io" | "project">,
): Promise<Artifact[]> {
  const kept: Artifact[] = [];
  for (const [name, path] of Object.entries(files)) {
    try {
      const real = await find(path, prepared, context);
      kept.push(await keep(name, real, prepared, context));
    } catch (error) {
      // Whatever is wrong with a file that a plugin names costs only that file.
      prepared.say(`artifact ${name} (${path}) is not kept: ${messageOf(error)}`);
    }
  }
  return kept;
}

async function find(
  path: string,
  { dir }: Prepared,
  { io, project }: Pick<AttemptContext, "io" | "project">,
): Promise<string> {
  const { root, store: { outputCap } } = project;
  const given = resolve(root, path);
  if (!await io.fs.stat(given)) throw new Error("there is no such file");
  const real = await io.fs.realPath(given);
  if (!isWithin(real, root) && !isWithin(real, await realPlace(io, dir))) {
    throw new Error("it is outside the project");
  }
  const info = await io.fs.stat(real);
  if (!info?.isFile) throw new Error("it is not a file");
  if (info.size > outputCap) {
    throw new Error(`its ${info.size} bytes are more than the ${outputCap} that are kept`);
  }
  return real;
}

/** A file in the attempt's folder stays where it is as evidence. */
async function keep(
  name: string,
  real: string,
  { dir }: Prepared,
  { io, project }: Pick<AttemptContext, "io" | "project">,
): Promise<Artifact> {
  if (isWithin(real, dir)) return await artifactOf(io, project.root, name, real);
  const copy = join(dir, "artifacts", folderName(name));
  await io.fs.mkdir(join(dir, "artifacts"));
  await io.fs.copy(real, copy);
  return await artifactOf(io, project.root, name, copy);
}
