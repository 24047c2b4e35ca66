/** Adds an element to `plugin` of a JSON text, or takes one out; all else stays as it is. */

import type { Table } from "./_document.ts";
import { cut, insert, withElement, withoutElement } from "./_edit_sequence.ts";
import { scanJson, type Span } from "./_positions.ts";

/** The text with one more plugin. */
export function addJsonPlugin(text: string, plugin: Table): string {
  const { members, elements, list } = partsOf(text);
  const unit = indentOf(text, members[0]) || "  ";
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = (value: unknown, depth: number) =>
    JSON.stringify(value, null, unit).replaceAll("\n", `${lineEnd}${unit.repeat(depth)}`);
  if (list) return withElement(text, list, elements, lines(plugin, 2));
  const member = `"plugin": ${lines([plugin], 1)}`;
  const last = members.at(-1);
  if (!last) {
    return insert(text, text.indexOf("{") + 1, `${lineEnd}${unit}${member}${lineEnd}`);
  }
  return insert(text, last.end, `,${lineEnd}${unit}${member}`);
}

/** The text without the plugin of that index; without `plugin` when it was the only one. */
export function removeJsonPlugin(text: string, index: number): string {
  const { members, elements, list } = partsOf(text);
  if (elements.length > 1 || !list) return withoutElement(text, elements, index);
  if (members.length > 1) return withoutElement(text, members, members.indexOf(list));
  const [before = ""] = /\s*$/.exec(text.slice(0, list.start)) ?? [];
  const [after = ""] = /^\s*/.exec(text.slice(list.end)) ?? [];
  return cut(text, list.start - before.length, list.end + after.length);
}

function partsOf(text: string) {
  const { spans } = scanJson(text);
  const members = spans.filter(({ path }) => path.length === 1);
  return {
    members,
    list: members.find(({ path }) => path[0] === "plugin"),
    elements: spans.filter(({ path }) => path.length === 2 && path[0] === "plugin"),
  };
}

/** The blanks before a member that begins its line. */
function indentOf(text: string, member: Span | undefined): string {
  return /\n([ \t]+)$/.exec(text.slice(0, member?.start ?? 0))?.[1] ?? "";
}
