/** The levels of TAP: the stream itself and the subtests in it. */

import type { Frame, ReportEvent, TestReportEvent, TestStatus } from "../../src/plugin.ts";
import { isBad, testEvent } from "./_events.ts";
import { framesOf } from "./_frames.ts";
import { type Places, sourceFile } from "./_source_file.ts";
import type { TapPoint } from "./_tap_lines.ts";

/** The stream itself, or the subtests of one test point. */
export class Level {
  readonly name: string;
  plan: number | undefined;
  points = 0;
  failures = 0;
  /** A test number out of sequence has been reported. */
  disordered = false;
  /** Events that wait until it is known whether the subtest as a whole is a TODO. */
  held: ReportEvent[] = [];
  /** The point that ends with `{`, whose subtests follow it. */
  opened: Pending | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

/** A test point whose diagnostics may follow. */
export interface Pending {
  readonly point: TapPoint;
  readonly depth: number;
  /** The subtests it sums up. */
  children: Level | undefined;
  readonly diagnostics: string[];
  size: number;
  hasYaml: boolean;
  /** node:test announces it, like every test, by the name of the file that it ran. */
  readonly isFile: boolean;
}

/** What is missing in a finished subtest. */
export function incompleteness({ plan, points }: Level): string | undefined {
  if (plan === points) return undefined;
  if (plan === undefined) return points > 0 ? "has no plan" : undefined;
  return `plans ${plan} tests and contains ${points}`;
}

/**
 * The event of a test point; nothing for one that only sums up its subtests.
 *
 * @param fallback its name when it has none
 */
export function pointEvent(
  { point, children, diagnostics, isFile }: Pending,
  suite: string,
  fallback: string,
  places: Places,
): TestReportEvent | undefined {
  const { isSuite, message, details, frames, ...fields } = tapDiagnostics(diagnostics, places);
  const status = statusOf(point, children);
  const sumsUp = children !== undefined && (children.points > 0 || children.failures > 0);
  const isTold = sumsUp && (point.ok || children.failures > 0 || status === "skipped");
  if (isTold || (isSuite && status === "passed")) return undefined;
  return testEvent({
    ...fields,
    status,
    name: nameOf(point) || fallback,
    suite,
    ...isFile ? { isFile, file: sourceFile(point.name, places) } : {},
    durationMs: fields.durationMs ?? point.durationMs,
    ...status === "failed" ? { message, details, frames } : { message: point.reason },
  });
}

/** The name of a point. A brace at its end that opens no subtests belongs to it. */
function nameOf({ name, opens }: TapPoint): string {
  return opens ? `${name} {`.trim() : name;
}

/** The status of a point. `not ok # SKIP` is a failure, as it is to Perl's Test::Harness; a TODO proves nothing either way. */
function statusOf(point: TapPoint, children: Level | undefined): TestStatus {
  if (point.directive === "todo") return "skipped";
  if (!point.ok) return "failed";
  const isEmpty = children !== undefined && children.points === 0;
  return point.directive === "skip" || isEmpty ? "skipped" : "passed";
}

/** Whether an event prevents a pass. */
export function isFailure(event: ReportEvent): boolean {
  return event.kind === "suite_error" || (event.kind === "test" && isBad(event.status));
}

/** An event of a subtest that is a TODO as a whole. */
export function asTodo(event: ReportEvent): ReportEvent {
  return event.kind === "test" && event.status === "failed"
    ? { ...event, status: "skipped" }
    : event;
}

// The YAML diagnostics under a test point, as far as events have a place for them: a few keys of the block's
// top level, and those of a mapping directly below it (`at:` of tape and node-tap).

interface TapDiagnostics {
  readonly message?: string | undefined;
  readonly details?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly frames?: readonly Frame[];
  /** Node's `type: 'suite'`: the point is not itself a test. */
  readonly isSuite: boolean;
}

/** @param lines the block without its `---` and `...`, and without their indentation */
function tapDiagnostics(lines: readonly string[], places: Places): TapDiagnostics {
  const values = valuesOf(lines);
  const stack = values.get("stack") ?? values.get("at") ?? "";
  const frames = framesOf(stack.replace(/^(?!\s*at )\s*(?=\S)/gm, "    at "), places);
  const location = /^(.*?):(\d+)(?::(\d+))?$/.exec(values.get("location") ?? "");
  const file = location?.[1] ?? values.get("at.file") ?? values.get("file");
  return {
    message: values.get("message") ?? values.get("error"),
    details: lines.join("\n"),
    durationMs: numberIn(values.get("duration_ms")),
    file: file ? sourceFile(file, places) : frames[0]?.file,
    line: numberIn(location?.[2] ?? values.get("at.line") ?? values.get("line")) ?? frames[0]?.line,
    column: numberIn(location?.[3] ?? values.get("at.column") ?? values.get("column")),
    frames,
    isSuite: values.get("type") === "suite",
  };
}

/** `key` → text, and `key.below` → text. */
function valuesOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let parent = "";
  let block: { key: string; indent: number; lines: string[] } | undefined;
  for (const line of lines) {
    const indent = line.length - line.trimStart().length;
    if (block && (indent > block.indent || line.trim() === "")) {
      block.lines.push(line.trim());
      continue;
    }
    if (block) values.set(block.key, block.lines.join("\n"));
    block = undefined;
    const pair = /^([\w-]{1,40}):(?:\s+(.*))?$/.exec(line.trimStart());
    if (!pair || indent > 4) continue;
    if (indent === 0) parent = pair[1]!;
    const key = indent === 0 ? parent : `${parent}.${pair[1]}`;
    const text = (pair[2] ?? "").trim();
    if (/^[|>][-+]?$/.test(text)) block = { key, indent, lines: [] };
    else if (text) values.set(key, unquoted(text));
  }
  if (block) values.set(block.key, block.lines.join("\n"));
  return values;
}

function unquoted(text: string): string {
  const quote = text[0];
  if (text.length < 2 || (quote !== "'" && quote !== '"') || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1);
  if (quote === "'") return inner.replaceAll("''", "'");
  return inner.replace(/\\(["\\n])/g, (_, escaped) => escaped === "n" ? "\n" : escaped);
}

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
}
