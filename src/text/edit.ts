/** Changes a list of tables at the top of a TOML or JSON text; everything else stays the same, byte for byte. */

import { jsonSpans } from "./json.ts";
import type { Span } from "./positions.ts";
import { parseToml, type ScannedToml, scanToml, tomlPairs, tomlValue } from "./toml.ts";
import { isTable } from "./values.ts";

type Table = Readonly<Record<string, unknown>>;

/** A text and its format. */
export interface Source {
  readonly format: "toml" | "json";
  readonly text: string;
}

/**
 * The text with one more table at the end of the list `name`: in TOML a block, or an element if the list is in
 * brackets. `undefined` if it is written in a way that cannot be edited safely.
 */
export async function addElement(
  { format, text }: Source,
  name: string,
  element: Table,
): Promise<string | undefined> {
  const edited = format === "json"
    ? addToJson(text, name, element)
    : addToToml(text, name, element);
  return await isAsMeant(format, name, text, edited, (list) => [...list, element])
    ? edited
    : undefined;
}

/** The text without the table at that index in the list `name`; `undefined` as above. */
export async function removeElement(
  { format, text }: Source,
  name: string,
  index: number,
): Promise<string | undefined> {
  const edited = format === "json"
    ? removeFromJson(text, name, index)
    : removeFromToml(text, name, index);
  return await isAsMeant(format, name, text, edited, (list) => list.toSpliced(index, 1))
    ? edited
    : undefined;
}

/** Whatever the text was, the result must have exactly the intended value. */
async function isAsMeant(
  format: Source["format"],
  name: string,
  before: string,
  after: string,
  change: (list: readonly unknown[]) => readonly unknown[],
): Promise<boolean> {
  const parse = format === "json" ? JSON.parse : parseToml;
  try {
    const { [name]: list, ...rest } = await parse(before);
    return isSame(await parse(after), { ...rest, [name]: change(list ?? []) }, name);
  } catch {
    // The result is not valid TOML or JSON.
    return false;
  }
}

/** Whether two values are equal; an empty list `mayMiss` at the top may be left out. */
function isSame(one: unknown, other: unknown, mayMiss?: string): boolean {
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((value, index) => isSame(value, other[index]));
  }
  // A TOML date is an object too, and only its text is comparable.
  if (!isTable(one) || !isTable(other) || one instanceof Date || other instanceof Date) {
    return String(one) === String(other) && typeof one === typeof other;
  }
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].every((key) =>
    key === mayMiss
      ? isSame(one[key] ?? [], other[key])
      : Object.hasOwn(one, key) && Object.hasOwn(other, key) && isSame(one[key], other[key])
  );
}

function addToJson(text: string, name: string, element: Table): string {
  const { members, elements, list } = partsOfJson(text, name);
  const [, indent] = /\n([ \t]+)$/.exec(text.slice(0, members[0]?.start ?? 0)) ?? [];
  const unit = indent ?? "  ";
  const lineEnd = lineEndOf(text);
  const lines = (value: unknown, depth: number) =>
    JSON.stringify(value, null, unit).replaceAll("\n", `${lineEnd}${unit.repeat(depth)}`);
  if (list) return withElement(text, list, elements, lines(element, 2));
  const member = `${JSON.stringify(name)}: ${lines([element], 1)}`;
  const last = members.at(-1);
  return last
    ? insert(text, last.end, `,${lineEnd}${unit}${member}`)
    : insert(text, text.indexOf("{") + 1, `${lineEnd}${unit}${member}${lineEnd}`);
}

/** The list is removed with its only element. */
function removeFromJson(text: string, name: string, index: number): string {
  const { members, elements, list } = partsOfJson(text, name);
  if (elements.length > 1 || !list) return withoutElement(text, elements, index);
  if (members.length > 1) return withoutElement(text, members, members.indexOf(list));
  const [before = ""] = /\s*$/.exec(text.slice(0, list.start)) ?? [];
  const [after = ""] = /^\s*/.exec(text.slice(list.end)) ?? [];
  return cut(text, list.start - before.length, list.end + after.length);
}

function partsOfJson(text: string, name: string) {
  const spans = jsonSpans(text);
  const members = spans.filter(({ path }) => path.length === 1);
  return {
    members,
    list: members.find(({ path }) => path[0] === name),
    elements: spans.filter(({ path }) => path.length === 2 && path[0] === name),
  };
}

/** A text without a final line end still has none afterwards, so that removing the table restores it. */
function addToToml(text: string, name: string, element: Table): string {
  const { list, elements } = partsOfToml(scanToml(text), name);
  if (list) return withElement(text, list, elements, tomlValue(element));
  const lineEnd = lineEndOf(text);
  const block = [`[[${name}]]`, ...tomlPairs(element)].join(lineEnd);
  if (text === "") return `${block}${lineEnd}`;
  if (text.endsWith("\n")) return `${text}${lineEnd}${block}${lineEnd}`;
  return `${text}${lineEnd}${lineEnd}${block}`;
}

/**
 * A block is its header, its keys and its tables, wherever those are, with whatever follows on their
 * lines. Comments on separate lines before and after it are the user's and stay.
 */
function removeFromToml(text: string, name: string, index: number): string {
  const scanned = scanToml(text);
  const { list, elements } = partsOfToml(scanned, name);
  if (list) return withoutElement(text, elements, index);
  const runs: { start: number; end: number }[] = [];
  let continues = false;
  for (const { path, start, end } of scanned.statements) {
    const isOwn = path[0] === name && path[1] === index;
    if (isOwn) {
      const lineEnd = text.indexOf("\n", end);
      runs.push({
        start: continues ? runs.pop()!.start : text.lastIndexOf("\n", start - 1) + 1,
        end: lineEnd < 0 ? text.length : lineEnd + 1,
      });
    }
    continues = isOwn;
  }
  return runs.reduceRight((rest, run) => withoutLines(rest, run.start, run.end), text);
}

/** The list in brackets, if it is written that way. */
function partsOfToml({ statements, elements }: ScannedToml, name: string) {
  return {
    list: statements.find(({ path }) => path.length === 1 && path[0] === name),
    elements: elements.filter(({ path }) => path.length === 2 && path[0] === name),
  };
}

/** Cuts out lines, with one empty line that separated them from the text before, or else after. */
function withoutLines(text: string, start: number, end: number): string {
  const before = text.slice(0, start);
  const endsFile = end === text.length && !text.endsWith("\n");
  const [gap = ""] = (endsFile ? /(?:\r?\n){1,2}$/ : /(?<=^|\n)\r?\n$/).exec(before) ?? [];
  if (gap !== "" || start > 0) return cut(text, start - gap.length, end);
  const [emptyLine = ""] = /^\r?\n/.exec(text.slice(end)) ?? [];
  return cut(text, start, end + emptyLine.length);
}

/** If the elements of a list in brackets begin on separate lines, so does the new one. */
function withElement(text: string, list: Span, elements: readonly Span[], added: string): string {
  const last = elements.at(-1);
  if (!last) return insert(text, list.valueStart + 1, added);
  const [gap = " "] = /\r?\n[ \t]*$/.exec(text.slice(0, last.start)) ?? [];
  return insert(text, last.end, `,${gap}${added}`);
}

/** Also removes the comma that separated it from its neighbour. */
function withoutElement(text: string, elements: readonly Span[], index: number): string {
  const [before, own, after] = [elements[index - 1], elements[index]!, elements[index + 1]];
  const [gapStart, gapEnd] = before ? [before.end, own.start] : [own.end, after?.start ?? own.end];
  // The gap goes with the element, unless it has a comment: then only the comma after the element does.
  if (/^\s*,\s*$/.test(text.slice(gapStart, gapEnd))) {
    return cut(text, Math.min(gapStart, own.start), Math.max(gapEnd, own.end));
  }
  const [comma = ""] = /^\s*,/.exec(text.slice(own.end)) ?? [];
  if (comma !== "" || !after) return cut(text, own.start, own.end + comma.length);
  const [beforeComma = ""] = /^(?:\s|#[^\n]*)*/.exec(text.slice(own.end)) ?? [];
  const at = own.end + beforeComma.length;
  return cut(cut(text, at, at + 1), own.start, own.end);
}

function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function insert(text: string, offset: number, added: string): string {
  return text.slice(0, offset) + added + text.slice(offset);
}

function cut(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(end);
}
