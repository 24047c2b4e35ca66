/** Turns a module's bytes into JavaScript, with its imports and exports. */

import type { DynamicImport, Export, StaticImport } from "es-module-lexer";
import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { MediaType } from "./_media_type.ts";
import { refusal, type Refused } from "./_refusal.ts";

/** One import that names its module; positions are offsets in the code. */
export interface ModuleImport {
  readonly specifier: string;
  readonly kind: "static" | "dynamic";
  /** Whether it says `with { type: "json" }`. */
  readonly json: boolean;
  /** Of the statement or expression. */
  readonly start: number;
  readonly end: number;
  /** Of the specifier's opening quote. */
  readonly quote: number;
}

export interface Analysis {
  readonly code: string;
  readonly imports: readonly ModuleImport[];
  /** Offsets of `import` in imports whose module is only known at run time. */
  readonly computed: readonly number[];
  readonly metas: readonly { readonly start: number; readonly end: number }[];
  readonly exports: readonly Export[];
}

export async function analyse(
  io: Io,
  type: MediaType,
  bytes: Uint8Array,
  refused: Refused,
): Promise<Analysis> {
  const text = decode(bytes, refused);
  if (type === "json") return jsonModule(text, refused);
  const code = type === "ts" ? await stripTypes(io, text, refused) : text;
  // A shebang is only valid on the very first line.
  return await lex(code.replace(/^#!/, "//"), refused);
}

function decode(bytes: Uint8Array, refused: Refused): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refusal("module_not_js", refused, "it is not UTF-8", undefined, error);
  }
}

/** JSON becomes JavaScript that holds it as text, so `__proto__` stays an ordinary key. */
function jsonModule(text: string, refused: Refused): Analysis {
  try {
    JSON.parse(text);
  } catch (error) {
    throw refusal("module_invalid_syntax", refused, `it is not JSON: ${messageOf(error)}`);
  }
  const code = `export default JSON.parse(${JSON.stringify(text)});\n`;
  const exported = { type: "direct", name: "default", exportStart: 0, typeOnly: false } as const;
  const nowhere = { start: 7, end: 14, localName: undefined, localStart: -1, localEnd: -1 };
  return { code, imports: [], computed: [], metas: [], exports: [{ ...exported, ...nowhere }] };
}

async function lex(code: string, refused: Refused): Promise<Analysis> {
  const { init, parse } = await import("es-module-lexer");
  await init();
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(code);
  } catch (error) {
    const place = { ...refused, ...placeOf(code, (error as { idx?: number }).idx ?? 0) };
    throw refusal("module_invalid_syntax", place, "it is not valid JavaScript", undefined, error);
  }
  const imports: ModuleImport[] = [];
  const computed: number[] = [];
  const metas: { start: number; end: number }[] = [];
  for (const each of parsed[0]) {
    if (each.type === "import-meta") {
      metas.push({ start: each.start, end: each.end });
      continue;
    }
    const place = { ...refused, ...placeOf(code, each.importStart) };
    if (each.phase !== null) {
      const why = `"import ${each.phase}" is not supported`;
      throw refusal("module_unsupported_syntax", place, why);
    }
    if (each.type === "dynamic") {
      if (each.specifier === undefined || each.glob) computed.push(each.importStart);
      else imports.push(dynamicImport(code, { ...each, specifier: each.specifier }, place));
    } else imports.push(staticImport(each, place));
  }
  return { code, imports, computed, metas, exports: parsed[1] };
}

function staticImport(each: StaticImport, place: Refused): ModuleImport {
  return {
    specifier: each.specifier,
    kind: "static",
    json: isJson(each.attributes ?? [], place),
    start: each.importStart,
    end: each.importEnd,
    quote: each.start - 1,
  };
}

function dynamicImport(
  code: string,
  each: DynamicImport & { readonly specifier: string },
  place: Refused,
): ModuleImport {
  const options = each.attributesStart < 0
    ? ""
    : code.slice(each.attributesStart, each.importEnd - 1).trim();
  const [, type] =
    /^\{\s*["']?with["']?\s*:\s*\{\s*["']?type["']?\s*:\s*["'](\w+)["']\s*,?\s*\}\s*,?\s*\}\s*,?$/
      .exec(options) ?? [];
  if (options !== "" && type === undefined) {
    const why = 'the options of an import must be written as { with: { type: "json" } }';
    throw refusal("module_unsupported_syntax", place, why);
  }
  return {
    specifier: each.specifier,
    kind: "dynamic",
    json: isJson(type === undefined ? [] : [["type", type]], place),
    start: each.importStart,
    end: each.importEnd,
    quote: each.start,
  };
}

function isJson(
  attributes: readonly (readonly [string, string])[],
  place: Refused,
): boolean {
  for (const [key, value] of attributes) {
    if (key === "type" && value === "json") continue;
    const why = `the import attribute ${key}: "${value}" is not supported; only type: "json" is`;
    throw refusal("module_unsupported_syntax", place, why);
  }
  return attributes.length > 0;
}

export function placeOf(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}

// Strips types from TypeScript with the runtime: they become blanks, so lines and columns stay.

/** What to write instead of what cannot be erased, keyed by words in the message. */
const instead: readonly (readonly [RegExp, string])[] = [
  [/enum/, 'Write an object: `const Color = { red: "red" } as const`'],
  [/namespace|module/, "Write a separate module, or an object"],
  [/parameter property/, "Declare the field and assign it in the constructor"],
  [/import equals|import =/, 'Write `import x from "…"`'],
  [/export assignment/, "Write `export default`"],
  [/angle-bracket/, "Write `value as Type`"],
];

async function stripTypes(io: Io, text: string, refused: Refused): Promise<string> {
  const { stripTypeScriptTypes } = await import("node:module");
  if (stripTypeScriptTypes === undefined) {
    const why = `${io.runtime} cannot strip types from TypeScript`;
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

/** Runs before the module's own imports and throws, so that none of the module is run. */
const guard = 'import "data:text/javascript,throw 0";';

/** The runtime reports where a syntax error is only to the importer, here a worker without permissions. */
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

/** What a worker without permissions posts; `undefined` if it dies. */
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
