/** JSON that is safe to print: what would move a cursor, hide or reorder text is escaped, and reads back the same. */

/** What JSON need not escape and terminals act on: controls above ASCII, marks of direction, separators, tags. */
const unsafe =
  /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\uffff]|\udb40[\udc00-\udc7f]/g;

/** The text of a value. */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unsafe,
    (found) =>
      Array.from(
        { length: found.length },
        (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
      ).join(""),
  );
}
