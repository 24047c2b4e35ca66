/** Adds a `[[plugin]]` to a TOML text, or takes one out; all else stays as it is, byte for byte. */

import type { Table } from "./_document.ts";
import { cut, withElement, withoutElement } from "./_edit_sequence.ts";
import type { Span } from "./_positions.ts";
import type { TomlSpans } from "./_toml_positions.ts";
import { tomlSpans } from "./_toml_positions.ts";

/** The text with one more plugin: a block at its end, or an element where they stand in brackets. */
export function addTomlPlugin(text: string, plugin: Table): string {
  const spans = tomlSpans(text);
  const list = inlineList(spans);
  return list
    ? withElement(text, list, elementsOf(spans), inlineTable(plugin))
    : withBlock(text, plugin);
}

/** The text without the plugin of that index, which it has. */
export function removeTomlPlugin(text: string, index: number): string {
  const spans = tomlSpans(text);
  return inlineList(spans)
    ? withoutElement(text, elementsOf(spans), index)
    : withoutBlock(text, spans, index);
}

/** `plugin = […]`, if the plugins are written so. */
function inlineList({ statements }: TomlSpans): Span | undefined {
  return statements.find(({ path }) => path.length === 1 && path[0] === "plugin");
}

function elementsOf({ elements }: TomlSpans): Span[] {
  return elements.filter(({ path }) => path.length === 2 && path[0] === "plugin");
}

/** A text that does not end its last line still does not afterwards, so that taking out restores it. */
function withBlock(text: string, plugin: Table): string {
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const block = ["[[plugin]]", ...tomlPairs(plugin)].join(lineEnd);
  if (text === "") return `${block}${lineEnd}`;
  if (text.endsWith("\n")) return `${text}${lineEnd}${block}${lineEnd}`;
  return `${text}${lineEnd}${lineEnd}${block}`;
}

/**
 * A block is its header, its keys and its tables, wherever those stand, with what follows them on their
 * lines. Comments on lines of their own before and after it are the user's and stay.
 */
function withoutBlock(text: string, { statements }: TomlSpans, index: number): string {
  const isOwn = ({ path }: Span) => path[0] === "plugin" && path[1] === index;
  const runs: { start: number; end: number }[] = [];
  statements.forEach((statement, position) => {
    if (!isOwn(statement)) return;
    const continues = position > 0 && isOwn(statements[position - 1]!);
    const { start, end } = wholeLines(text, statement);
    if (continues) runs.push({ start: runs.pop()!.start, end });
    else runs.push({ start, end });
  });
  return runs.reduceRight((rest, run) => withoutLines(rest, run.start, run.end), text);
}

function wholeLines(text: string, { start, end }: Span): { start: number; end: number } {
  const lineEnd = text.indexOf("\n", end);
  return {
    start: text.lastIndexOf("\n", start - 1) + 1,
    end: lineEnd < 0 ? text.length : lineEnd + 1,
  };
}

/** Cuts lines out, with one empty line that parted them from what is before, or else after them. */
function withoutLines(text: string, start: number, end: number): string {
  const before = text.slice(0, start);
  const endsFile = end === text.length && !text.endsWith("\n");
  const [gap = ""] = (endsFile ? /(?:\r?\n){1,2}$/ : /(?<=^|\n)\r?\n$/).exec(before) ?? [];
  if (gap !== "" || start > 0) return cut(text, start - gap.length, end);
  const [emptyLine = ""] = /^\r?\n/.exec(text.slice(end)) ?? [];
  return cut(text, start, end + emptyLine.length);
}

/** `key = value`, each on one line. */
export function tomlPairs(table: Table): string[] {
  return Object.entries(table).map(([key, value]) => `${keyOf(key)} = ${valueOf(value)}`);
}

function inlineTable(table: Table): string {
  const pairs = tomlPairs(table);
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

function keyOf(key: string): string {
  return /^[\w-]+$/.test(key) ? key : textOf(key);
}

function valueOf(value: unknown): string {
  if (typeof value === "string") return textOf(value);
  if (Array.isArray(value)) return `[${value.map(valueOf).join(", ")}]`;
  return typeof value === "object" && value !== null ? inlineTable(value as Table) : String(value);
}

/** JSON's escapes are TOML's too; TOML also wants U+007F escaped. */
function textOf(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\u007f");
}
