/** From a module's bytes to JavaScript, and what it imports and exports. */

import type { DynamicImport, Export, StaticImport } from "es-module-lexer";
import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { MediaType } from "./_media_type.ts";
import { refusal, type Refused } from "./_refusal.ts";
import { stripTypes } from "./_strip.ts";

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

/** A module as JavaScript. */
export interface Analysis {
  readonly code: string;
  readonly imports: readonly ModuleImport[];
  /** Offsets of `import` in imports whose module is only known at run time. */
  readonly computed: readonly number[];
  /** `import.meta`. */
  readonly metas: readonly { readonly start: number; readonly end: number }[];
  readonly exports: readonly Export[];
}

/** Reads a module. */
export async function analyse(
  io: Io,
  type: MediaType,
  bytes: Uint8Array,
  refused: Refused,
): Promise<Analysis> {
  const text = decode(bytes, refused);
  if (type === "json") return jsonModule(text, refused);
  const code = type === "ts" ? await stripTypes(io, text, refused) : text;
  // A first line for the shell is one only as the very first.
  return await lex(code.replace(/^#!/, "//"), refused);
}

function decode(bytes: Uint8Array, refused: Refused): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw refusal("module_not_js", refused, "it is not UTF-8", undefined, error);
  }
}

/** JSON becomes JavaScript that holds it as text: `__proto__` stays a mere key. */
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

/** Line and column of an offset, from 1. */
export function placeOf(code: string, offset: number): { line: number; column: number } {
  const before = code.slice(0, offset).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
