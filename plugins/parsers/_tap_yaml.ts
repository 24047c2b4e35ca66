/**
 * The YAML diagnostics under a test point, as far as events have a place for them: a few keys of the block's
 * top level, and those of a mapping directly below it (`at:` of tape and node-tap).
 *
 * @module
 */

import type { Frame } from "../../src/plugin.ts";
import { framesOf } from "./_frames.ts";
import { type Places, sourceFile } from "./_source_file.ts";

/** What the diagnostics of a test point say. */
export interface TapDiagnostics {
  readonly message?: string | undefined;
  readonly details?: string | undefined;
  readonly durationMs?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly frames?: readonly Frame[];
  /** Node's `type: 'suite'`: the point is no test of its own. */
  readonly isSuite: boolean;
}

/** @param lines the block without its `---` and `...`, and without their indentation */
export function tapDiagnostics(lines: readonly string[], places: Places): TapDiagnostics {
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
