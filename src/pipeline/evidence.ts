/** Stages "collect", "parse" and "store": what an execution left behind, kept and read. */

import { join } from "@std/path";
import type { Artifact, Denial } from "../model.ts";
import type { ParseContext, SandboxDenial } from "../plugin.ts";
import { fingerprint } from "../store/fingerprint.ts";
import { unseenTests } from "./announced.ts";
import { keepArtifacts } from "./artifacts.ts";
import { collect } from "./collect.ts";
import { allDenials } from "./denied.ts";
import { diagnosticCount, emptyCounts, type ReportCounts } from "./counts.ts";
import { type ExtensionData, storeData } from "./extension_data.ts";
import { sortFileCases } from "./file_cases.ts";
import { hostOf } from "./host.ts";
import { findMissingTool } from "./missing_tool.ts";
import { outputHandle } from "./output_handle.ts";
import { artifactOf, type Before, findReport, keepReport, sameFile } from "./report.ts";
import { type ReportState, stateOf } from "./report.ts";
import { type ReadingLimits, readReport } from "./read_report.ts";
import { resultOf } from "./result.ts";
import type { AttemptContext, Executed, Prepared } from "./types.ts";

/** A report that was looked for. */
export interface Report {
  readonly state: ReportState;
  readonly message: string | undefined;
}

/** What an attempt's verdict is made from. */
export interface Evidence {
  readonly executed: Executed;
  /** `undefined` when the exit code decides. */
  readonly report: Report | undefined;
  readonly counts: ReportCounts;
  /** The program the shell did not find. */
  readonly missingTool: string | undefined;
  readonly oom: boolean;
  readonly artifacts: readonly Artifact[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly denials: readonly Denial[];
  readonly extensionData: ExtensionData;
}

/** A report and what was read of it. */
interface Reading {
  readonly report: Report | undefined;
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
  const outputs = await keepOutputs(prepared, executed, context);
  const { metrics, denials, files } = await collected(prepared, executed, context);
  const reading = await read(prepared, before, executed, context);
  if (needsExplaining(executed, reading)) {
    await explainByOutput(prepared, eventCount(reading.counts), context);
  }
  const artifacts = [...outputs, ...reading.artifact ? [reading.artifact] : [], ...files];
  return {
    executed,
    report: reading.report,
    counts: reading.counts,
    missingTool: await findMissingTool(context.io, prepared, executed),
    oom: wasKilled(executed) && await context.oom.rose(),
    artifacts,
    metrics,
    denials: await allDenials(denials, prepared, executed, context.io),
    extensionData: await extensionDataOf(prepared, executed, { metrics, denials, files }, context),
  };
}

/** What collectors contributed, the files kept. */
interface Collected {
  readonly metrics: Readonly<Record<string, number>>;
  readonly denials: SandboxDenial[];
  readonly files: readonly Artifact[];
}

async function collected(
  prepared: Prepared,
  executed: Executed,
  context: AttemptContext,
): Promise<Collected> {
  const { metrics, artifacts, denials } = await collect(prepared, executed, context);
  return { metrics, denials, files: await keepArtifacts(prepared, artifacts, context) };
}

async function extensionDataOf(
  prepared: Prepared,
  executed: Executed,
  { metrics, denials, files }: Collected,
  context: AttemptContext,
): Promise<ExtensionData> {
  if (prepared.extensions.length === 0) return {};
  const { io, project: { root } } = context;
  const artifacts = Object.fromEntries(files.map(({ name, path }) => [name, join(root, path)]));
  const result = () => resultOf(io, prepared, executed, { metrics, artifacts, denials });
  return await storeData(prepared, result, hostOf(context, prepared.say));
}

async function keepOutputs(
  { stdoutFile, stderrFile }: Prepared,
  { pid }: Executed,
  { io, project }: AttemptContext,
): Promise<Artifact[]> {
  if (pid === null) return [];
  return await Promise.all([
    artifactOf(io, project.root, "stdout", stdoutFile),
    artifactOf(io, project.root, "stderr", stderrFile),
  ]);
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
  if (before === undefined) return { ...await readOutput(prepared, executed, context) };

  const { io, project, writer } = context;
  const found = await findReport(
    io,
    project.root,
    before,
    prepared.sandboxed !== undefined,
  );
  if ("state" in found) return { report: found, counts: emptyCounts() };
  const overwritten: Report = { state: "overwritten", message: def.resultFile };
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
  const reading = await parse(prepared, kept, def.resultFile!, def.resultFormat, context);
  if (!await isAsLeft()) return { ...reading, artifact, report: overwritten };
  return {
    ...reading,
    artifact,
    report: await againstOutput(reading, prepared, executed, context),
  };
}

/** A report that shows no failure while standard output tells of tests that it does not show breaks off. */
async function againstOutput(
  { report, counts }: Reading,
  { def, stdoutFile }: Prepared,
  { stdout }: Executed,
  { io }: AttemptContext,
): Promise<Report | undefined> {
  const failing = counts.tests.failed + counts.tests.errored + counts.suiteErrors;
  if (def.kind !== "test" || report?.state !== "read" || failing > 0) return report;
  const line = await unseenTests(counts, outputHandle(io, stdoutFile, stdout));
  if (line === undefined) return report;
  const message = `standard output says "${line}", and the report counts ${counts.tests.total}`;
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
    : "standard output was still open when the command had ended";
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
    await io.fs.openRead(file),
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
      `${script}${more > 0 ? ` and ${more} more` : ""} counts by its exit code alone: ` +
        "the report shows the file as one test, and it imports no node:test",
    );
  }
  return { report: stateOf(counts), counts };
}

/** A report may take as long to read as its command may take to write it; small limits are for commands. */
const leastReadingMs = 60_000;

function readingLimits({ spec }: Prepared, { io, signal }: AttemptContext): ReadingLimits {
  return { io, signal, timeoutMs: Math.max(leastReadingMs, spec.timeoutMs) };
}

function wasKilled({ signal, exitCode, timedOut, cancelled }: Executed): boolean {
  return (signal === "SIGKILL" || exitCode === 128 + 9) && !timedOut && !cancelled;
}

function eventCount(counts: ReportCounts): number {
  return counts.tests.total + counts.suiteErrors + diagnosticCount(counts);
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
  stored: number,
  context: AttemptContext,
): Promise<void> {
  const { stdoutFile, stderrFile, spec: { attemptId, cwd } } = prepared;
  let index = stored;
  for (const [file, source] of [[stdoutFile, "standard output"], [stderrFile, "standard error"]]) {
    await readReport(
      context.plugins.parser("text"),
      await context.io.fs.openRead(file!),
      { root: context.project.root, cwd, source: source! },
      fingerprint,
      (events) =>
        context.writer.addEvents(attemptId, events.map((event) => ({ ...event, index: ++index }))),
      readingLimits(prepared, context),
    );
  }
}
