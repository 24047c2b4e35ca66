/** Takes the types out of TypeScript, by the runtime: each becomes blanks, so lines and columns stay. */

import type { Io } from "../io.ts";
import { messageOf } from "../errors.ts";
import { refusal, type Refused } from "./_refusal.ts";

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
export async function stripTypes(io: Io, text: string, refused: Refused): Promise<string> {
  const { stripTypeScriptTypes } = await import("node:module");
  if (stripTypeScriptTypes === undefined) {
    const why = `${io.runtime} cannot take the types out of TypeScript`;
    const hint = "Use Deno 2.8 or newer, or write the plugin as JavaScript";
    throw refusal("module_unsupported_syntax", refused, why, hint);
  }
  try {
    return stripTypeScriptTypes(text);
  } catch (error) {
    const [, message, line, column] = /^(.*) at \S+:(\d+):(\d+)$/s.exec(messageOf(error)) ?? [];
    if (message === undefined) throw await invalid(io, text, refused);
    const place = { ...refused, line: Number(line), column: Number(column) };
    const why = `${
      message.replace(/ in (?:strip-only|type strip) mode/, "")
    }: only types can be erased`;
    const hint = instead.find(([words]) => words.test(message))?.[1] ?? "Write it as JavaScript";
    throw refusal("module_unsupported_syntax", place, why, hint);
  }
}

/** Comes before the module's own imports and throws, so that nothing of the module is run. */
const guard = 'import "data:text/javascript,throw 0";';

/** The runtime names the place of a syntax error only to who imports the source: a worker without permissions. */
async function invalid(io: Io, text: string, refused: Refused): Promise<Error> {
  const source = guard + text.replace(/^#!/, "//");
  const address = `data:application/typescript,${encodeURIComponent(source)}`;
  const message = await answerOf(
    io,
    `import(${JSON.stringify(address)}).catch((error) => postMessage(String(error?.message)));`,
  );
  const [, line, column] = /:(\d+):(\d+)\s*$/.exec(message) ?? [];
  if (line === undefined) {
    return refusal("module_invalid_syntax", refused, "it is not valid TypeScript");
  }
  const place = {
    ...refused,
    line: Number(line),
    column: Number(column) - (line === "1" ? guard.length : 0),
  };
  const why = message.split("\n")[0]!.replace(/^SyntaxError: /, "");
  return refusal("module_invalid_syntax", place, `it is not valid TypeScript: ${why}`);
}

/** What a worker without permissions posts; nothing where it dies. */
function answerOf(io: Io, source: string): Promise<string> {
  return new Promise((resolve) => {
    const end = (answer: string) => {
      worker.terminate();
      resolve(answer);
    };
    const worker = io.startWorker(source, {}, {
      message: (answer) => end(String(answer)),
      died: () => end(""),
    });
  });
}
