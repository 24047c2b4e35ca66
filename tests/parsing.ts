/**
 * What the tests of parsers share: reading text with one, and showing events as lines that a person can check.
 *
 * @module
 */

import type { ParseContext, ReportEvent } from "../src/plugin.ts";

/** The reader of one format. */
export type Parse = (
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
) => AsyncIterable<ReportEvent | readonly ReportEvent[]>;

/** Where the reports of tests come from. */
export const context: ParseContext = { root: "/project", cwd: "/project", source: "the report" };

/** The folder of other people's reports; `undefined` when there is none. */
export const sharedCorpus = Deno.env.get("ASSAY_CORPUS");

/** All events of a report, given as text, as bytes or as chunks of bytes. */
export async function read(
  parse: Parse,
  report: string | Uint8Array | readonly Uint8Array[],
  from: ParseContext = context,
): Promise<ReportEvent[]> {
  const whole = typeof report === "string" ? new TextEncoder().encode(report) : report;
  const chunks = whole instanceof Uint8Array ? [whole] : whole;
  return (await Array.fromAsync(parse(ReadableStream.from(chunks), from))).flat();
}

/** Reads a report and shows its events, each as one line. */
export async function eventLines(
  parse: Parse,
  report: string,
  from?: ParseContext,
): Promise<string[]> {
  return (await read(parse, report, from)).map(line);
}

/**
 * `failed suite > name: message @file:line:column < innermost frame`, `broken truncated: message`, `end`.
 */
export function line(event: ReportEvent): string {
  const frame = "frames" in event ? event.frames?.[0] : undefined;
  return `${head(event)}${frame ? ` < ${frame.file}:${frame.line}` : ""}`;
}

function head(event: ReportEvent): string {
  switch (event.kind) {
    case "test": {
      const flaky = event.flaky ? " (flaky)" : event.isFile ? " (file)" : "";
      const name = event.suite ? `${event.suite} > ${event.name}` : event.name;
      return `${event.status}${flaky} ${name}${said(event.message)}${place(event)}`;
    }
    case "diagnostic": {
      const rule = event.rule ? ` [${event.rule}]` : "";
      return `${event.severity}${rule}${said(event.message)}${place(event)}`;
    }
    case "suite_error":
      return `suite_error${event.name ? ` ${event.name}` : ""}${said(event.message)}${
        place(event)
      }`;
    case "declared": {
      const { kind: _kind, ...counts } = event;
      return `declared ${Object.entries(counts).map((count) => count.join(" ")).join(", ")}`;
    }
    case "nothing_checked":
    case "warning":
      return `${event.kind}: ${event.message}`;
    case "broken":
      return `broken ${event.reason}: ${event.message}`;
    case "end":
      return "end";
  }
}

/** How many events there are of each kind and status, and how the report ended: `failed 1, passed 2, end`. */
export function tally(events: readonly ReportEvent[]): string {
  const counts = new Map<string, number>();
  for (const event of events) {
    if (["declared", "nothing_checked", "warning", "end"].includes(event.kind)) continue;
    const word = event.kind === "test"
      ? event.status
      : event.kind === "diagnostic"
      ? event.severity
      : event.kind;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].sort().map((count) => count.join(" "));
  return [...words, ...(events.at(-1)?.kind === "end" ? ["end"] : [])].join(", ");
}

function said(message: string | undefined): string {
  return message === undefined ? "" : `: ${message}`;
}

function place(event: { file?: string; line?: number; column?: number }): string {
  const parts = [event.file, event.line, event.column].filter((part) => part !== undefined);
  return parts.length > 0 ? ` @${parts.join(":")}` : "";
}
