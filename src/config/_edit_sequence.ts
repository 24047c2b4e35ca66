/** Puts an element into a list in brackets, or takes one out: the same in TOML and in JSON. */

import type { Span } from "./_positions.ts";

/**
 * The text with one more element after the last. Where elements begin on lines of their own, so does the
 * new one.
 *
 * @param list The whole list, brackets included.
 * @param elements Its elements, in their order.
 */
export function withElement(
  text: string,
  list: Span,
  elements: readonly Span[],
  element: string,
): string {
  const last = elements.at(-1);
  if (!last) return insert(text, list.valueStart + 1, element);
  const [, lineEnd, indent] = /(\r?\n)([ \t]*)$/.exec(text.slice(0, last.start)) ?? [];
  const gap = lineEnd === undefined ? " " : `${lineEnd}${indent}`;
  return insert(text, last.end, `,${gap}${element}`);
}

/** The text without an element and the comma that parted it from its neighbour. */
export function withoutElement(text: string, elements: readonly Span[], index: number): string {
  const [before, own, after] = [elements[index - 1], elements[index]!, elements[index + 1]];
  if (before) return cutWithGap(text, own, before.end, own.start, "before");
  if (after) return cutWithGap(text, own, own.end, after.start, "after");
  const [comma = ""] = /^\s*,/.exec(text.slice(own.end)) ?? [];
  return cut(text, own.start, own.end + comma.length);
}

/** The gap goes with the element, unless somebody wrote a comment there: then only its comma does. */
function cutWithGap(
  text: string,
  { start, end }: Span,
  gapStart: number,
  gapEnd: number,
  side: "before" | "after",
): string {
  const gap = text.slice(gapStart, gapEnd);
  if (/^\s*,\s*$/.test(gap)) {
    return side === "before" ? cut(text, gapStart, end) : cut(text, start, gapEnd);
  }
  const comma = gapStart + gap.replace(/#[^\n]*/g, (comment) => " ".repeat(comment.length))
    .indexOf(",");
  return side === "before"
    ? cut(cut(text, start, end), comma, comma + 1)
    : cut(cut(text, comma, comma + 1), start, end);
}

/** The text with something more at an offset. */
export function insert(text: string, offset: number, added: string): string {
  return text.slice(0, offset) + added + text.slice(offset);
}

/** The text without what lies between two offsets. */
export function cut(text: string, start: number, end: number): string {
  return text.slice(0, start) + text.slice(end);
}
