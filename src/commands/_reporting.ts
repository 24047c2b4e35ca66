/** The reports a call asks for with `--reporter NAME[=FILE]`: where they go, and that they can be written there. */

import { resolve } from "@std/path";
import { didYouMean } from "../config/did_you_mean.ts";
import { messageOf, UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { type Reporter, reporters, type RunReport } from "../report/reporters/mod.ts";
import type { Look } from "../report/terminal/style.ts";
import {
  inChunks,
  type Target,
  targetOf,
  tryTarget,
  unwritable,
  writeTarget,
} from "./_report_target.ts";
import type { Call } from "./types.ts";

/** Where no terminal tells: files, summaries. */
const plain: Look = { columns: 100, color: false };

interface Asked {
  readonly reporter: Reporter;
  /** Absent: standard output. */
  readonly target?: Target;
}

/** The reports of one call. */
export interface Reporting {
  /** One of them has standard output. */
  readonly takesStdout: boolean;
  /** That one is the summary for people. */
  readonly isSummary: boolean;
  /**
   * Writes every one of them.
   *
   * @returns what could not be written; the others are
   */
  write(report: RunReport): Promise<readonly UserError[]>;
}

/**
 * What the call asks for. Makes the folders and tries to write into them, so that nobody waits for a run whose
 * report cannot be kept; what an earlier call left in a report's place is removed.
 *
 * @param fallback the reporter on standard output where none is asked for at all
 * @throws {UserError} when it cannot be done
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
  return {
    takesStdout: onStdout !== undefined,
    isSummary: onStdout?.reporter.name === "terminal",
    write: (report) => writeAll(call, asked, report),
  };
}

async function askedFor(io: Io, root: string, text: string): Promise<Asked> {
  const at = text.indexOf("=");
  const name = at < 0 ? text : text.slice(0, at);
  const names = reporters.map((each) => each.name);
  const reporter = reporters.find((each) => each.name === name);
  if (!reporter) {
    throw new UserError(
      `--reporter ${text}: there is no reporter "${name}"${didYouMean(name, names)}`,
      {
        code: "unknown_reporter",
        hint: `reporters: ${names.join(", ")}`,
      },
    );
  }
  if (at < 0) return { reporter };
  const file = text.slice(at + 1);
  if (file === "" || file === "-") {
    throw new UserError(`--reporter ${text}: "${file}" is no file`, {
      code: "usage",
      hint: `for standard output: --reporter ${name}`,
    });
  }
  return { reporter, target: await targetOf(io, root, file) };
}

function refuseSame(asked: readonly Asked[]): void {
  const onStdout = asked.filter(({ target }) => target === undefined);
  if (onStdout.length > 1) {
    const names = onStdout.map(({ reporter }) => reporter.name);
    throw new UserError(`Two reporters want standard output: ${names.join(" and ")}`, {
      code: "usage",
      hint: `give one of them a file: --reporter ${names[1]}=FILE`,
    });
  }
  const paths = asked.flatMap(({ target }) => target && !target.isSpecial ? [target.path] : []);
  const twice = paths.find((path, index) => paths.indexOf(path) !== index);
  if (twice === undefined) return;
  throw new UserError(`Two reporters want the file ${twice}`, {
    code: "usage",
    hint: "give each its own file",
  });
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
      // What no file system says is a bug of ours, or of standard output.
      if (!(error instanceof UserError) && !isOfSystem(error)) throw error;
      problems.push(
        error instanceof UserError ? error : unwritable(target?.given, messageOf(error)),
      );
    }
    const problem = await appendReport(call.io, reporter, report);
    if (problem) problems.push(problem);
  }
  return problems;
}

/** What GitHub takes of one step. */
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
      throw new Error("with it, it would be larger than the 1 MiB that GitHub takes");
    }
    await io.fs.append(path, text);
    return undefined;
  } catch (error) {
    return unwritable(`$${appends.variable}`, messageOf(error));
  }
}

function isOfSystem(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code !== undefined;
}

/** Several errors as one. */
export function joined(problems: readonly UserError[]): UserError {
  return problems.length === 1 ? problems[0]! : new UserErrors(problems);
}
