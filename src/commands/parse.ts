/** `assay parse FORMAT FILE|-`: what assay reads from a report. */

import { basename, resolve } from "@std/path";
import { didYouMean } from "../text/did_you_mean.ts";
import { ExitCode, messageOf, UserError } from "../errors.ts";
import { type Io, isNotFound } from "../io.ts";
import type { Event, Verdict } from "../model.ts";
import type { ReportParser } from "../plugin.ts";
import { needsTests, settle } from "../verdict/settle.ts";
import { diagnosticCount, type ReportCounts, sortFileCases } from "../run/counts.ts";
import { readReport } from "../run/read_report.ts";
import { stateOf } from "../run/report.ts";
import type { ParseOutput } from "../schema/outputs.ts";
import { fingerprint } from "../store/fingerprint.ts";
import { tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Problems shown to people; `--json --events` has them all. */
const shownProblems = 20;

export async function run(call: Call): Promise<ExitCode> {
  const { io, args, json, builtins } = call;
  const [format = "", file = ""] = args;
  const parser = findParser(builtins.parsers, format);
  const keepAll = json && call.flag("events");
  const events: Event[] = [];
  const counts = await readReport(
    parser,
    await openInput(io, file),
    { root: io.cwd, cwd: io.cwd, source: file === "-" ? "standard input" : basename(file) },
    // Nothing else shows them.
    keepAll ? fingerprint : () => ({ identity: "", cluster: "" }),
    (batch) => {
      if (keepAll) events.push(...batch);
      else if (events.length < shownProblems) events.push(...batch.filter(isProblem));
    },
  );
  await sortFileCases(counts, io, io.cwd);
  const { state, message } = stateOf(counts);
  const verdict = verdictOf(parser, counts);
  const result: ParseOutput = {
    format,
    complete: state === "read",
    verdict,
    tests: counts.tests,
    suite_errors: counts.suiteErrors,
    diagnostics: diagnosticCount(counts),
    severities: counts.severities,
    ...(counts.declared ? { declared: counts.declared } : {}),
    ...(state === "read" ? {} : { error: { code: `report_${state}`, message: message! } }),
    ...(keepAll ? { events } : {}),
  };
  await tell(call, result, ({ parseSummary }) => parseSummary(result, events, call));
  return exitCodes[verdict];
}

/** A script may act on the exit code, so it is a check's exit code: unknown is never a pass. */
const exitCodes: Readonly<Record<Verdict, ExitCode>> = {
  pass: ExitCode.ok,
  fail: ExitCode.failed,
  unknown: ExitCode.blocked,
};

function verdictOf({ format, holds }: ReportParser, counts: ReportCounts): Verdict {
  return settle({
    kind: "test",
    resultFormat: format,
    holdsTests: needsTests(holds, "test"),
    exitCode: 0,
    signal: null,
    timedOut: false,
    cancelled: false,
    failOn: "error",
    allowNoTests: false,
    report: { ...counts, ...stateOf(counts) },
  }).verdict;
}

function findParser(parsers: readonly ReportParser[], format: string): ReportParser {
  const parser = parsers.find((each) => each.format === format);
  if (parser) return parser;
  const names = parsers.map((each) => each.format);
  throw new UserError(`Unknown format "${format}"${didYouMean(format, names)}`, {
    code: "unknown_format",
    hint: `formats: ${names.join(", ")}`,
  });
}

async function openInput(io: Io, file: string): Promise<ReadableStream<Uint8Array>> {
  if (file === "-") return io.stdin();
  try {
    const info = await io.fs.stat(resolve(io.cwd, file));
    if (info?.isDirectory) throw new Error("it is a folder");
    return await io.fs.openAny(resolve(io.cwd, file));
  } catch (error) {
    const why = isNotFound(error) ? "no such file" : messageOf(error);
    throw new UserError(`Cannot read ${file}: ${why}`, {
      code: "unreadable",
      file,
      hint: "give a report file, or - for standard input",
      cause: error,
    });
  }
}

function isProblem({ type, status }: Event): boolean {
  return type !== "test" || status === "failed" || status === "errored";
}
