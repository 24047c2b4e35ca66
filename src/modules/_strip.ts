/** Takes the types out of TypeScript, by swc: each becomes blanks, so lines and columns stay. */

import { refusal, type Refused } from "./_refusal.ts";

/** What amaro throws; it is no Error. */
interface SwcError {
  readonly code: string;
  readonly message: string;
  /** From 1. */
  readonly startLine: number;
  /** From 0. */
  readonly startColumn: number;
}

/** What to write instead of what cannot be erased, by words of the message. */
const instead: readonly (readonly [RegExp, string])[] = [
  [/enum/, 'Write an object: `const Color = { red: "red" } as const`'],
  [/namespace|module/, "Write a module of its own, or an object"],
  [/parameter property/, "Declare the field and assign it in the constructor"],
  [/import equals|import =/, 'Write `import x from "…"`'],
  [/export assignment/, "Write `export default`"],
  [/angle-bracket/, "Write `value as Type`"],
];

/** The JavaScript in a TypeScript module. */
export async function stripTypes(text: string, refused: Refused): Promise<string> {
  const { default: { transformSync } } = await import("amaro");
  try {
    return transformSync(text, { mode: "strip-only" }).code;
  } catch (error) {
    const { code, message, startLine: line, startColumn } = error as SwcError;
    if (line === undefined) throw error;
    const place = { ...refused, line, column: startColumn + 1 };
    if (code !== "UnsupportedSyntax") {
      throw refusal("module_invalid_syntax", place, `it is not valid TypeScript: ${message}`);
    }
    const why = `${message.replace(/ in strip-only mode$/, "")}: only types can be erased`;
    const hint = instead.find(([words]) => words.test(message))?.[1] ?? "Write it as JavaScript";
    throw refusal("module_unsupported_syntax", place, why, hint);
  }
}
