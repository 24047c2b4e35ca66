/** Whether a module is JavaScript, TypeScript or JSON: by its content type, else by its name. */

import type { LockedModule } from "../plugin_setting.ts";
import { refusal, type Refused } from "./_refusal.ts";

export type MediaType = NonNullable<LockedModule["type"]>;

/**
 * Includes names used for TypeScript: many servers send `.ts` as an MPEG transport stream. A type not listed
 * says nothing about modules, such as Debian's `text/vnd.trolltech.linguist` for `.ts`: the name decides.
 */
const byContentType: Readonly<Record<string, MediaType>> = {
  "application/ecmascript": "js",
  "application/javascript": "js",
  "application/json": "json",
  "application/node": "js",
  "application/typescript": "ts",
  "application/x-javascript": "js",
  "application/x-typescript": "ts",
  "text/ecmascript": "js",
  "text/javascript": "js",
  "text/json": "json",
  "text/typescript": "ts",
  "video/mp2t": "ts",
  "video/vnd.dlna.mpeg-tts": "ts",
};

const byExtension: Readonly<Record<string, MediaType>> = {
  js: "js",
  json: "json",
  mjs: "js",
  mts: "ts",
  ts: "ts",
};

/** An HTML page, whatever its address. */
const pages = ["text/html", "application/xhtml+xml"];

/** What an address says by its extension; `undefined` when it says nothing. */
export function typeByName(url: string): MediaType | undefined {
  if (url.startsWith("data:")) return undefined;
  const extension = /\.([a-z]+)$/.exec(new URL(url).pathname.toLowerCase())?.[1] ?? "";
  return Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}

/**
 * What a module is.
 *
 * @throws {UserError} `module_not_js` with the start of the content, when it is something else.
 */
export function mediaTypeOf(
  url: string,
  contentType: string | undefined,
  bytes: Uint8Array,
  refused: Refused,
): MediaType {
  const essence = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  // The contents of a local file do not belong in logs.
  const beginning = url.startsWith("file:") ? undefined : beginningOf(bytes);
  const said = essence === "" ? "" : ` served as ${essence}`;
  // No module begins with it and every page does, whatever content type the server sends.
  if (beginningOf(bytes).startsWith("<") || pages.includes(essence)) {
    const hint = "Give the URL of the module itself, not of a page that shows it";
    const why = `it is an HTML page${said}, not JavaScript or TypeScript`;
    throw notJs(refused, why, beginning, hint);
  }
  if (/\.[jt]sx$/.test(url.split(/[?#]/)[0]!)) {
    throw refusal("module_unsupported_syntax", refused, "JSX is not supported");
  }
  const type = typeByContent(essence) ?? typeByName(url);
  if (type !== undefined) return type;
  throw unknownType(url, essence, refused, beginning);
}

/** What a content type says; `undefined` when it says nothing about modules. */
function typeByContent(essence: string): MediaType | undefined {
  if (essence.endsWith("+json")) return "json";
  return Object.hasOwn(byContentType, essence) ? byContentType[essence] : undefined;
}

function unknownType(
  url: string,
  essence: string,
  refused: Refused,
  beginning: string | undefined,
) {
  const endings = ".js, .mjs, .ts, .mts or .json";
  if (url.startsWith("file:")) {
    const hint = `Rename the file to end in ${endings}`;
    return notJs(refused, `its name does not end in ${endings}`, beginning, hint);
  }
  const types = "text/javascript, application/typescript or application/json";
  const served = essence === "" ? "it has no content type" : `it is served as ${essence}`;
  if (url.startsWith("data:")) {
    const why = `${served}, not as JavaScript or TypeScript`;
    return notJs(refused, why, beginning, `Start the URL with data: and ${types}`);
  }
  const why = `${served}, not as JavaScript or TypeScript, ` +
    `and its URL does not end in ${endings}`;
  return notJs(refused, why, beginning, `Serve it as ${types}, or under such a name`);
}

function notJs(refused: Refused, why: string, beginning: string | undefined, hint: string) {
  const shown = beginning === undefined ? "" : `; it begins: ${beginning || "(empty)"}`;
  return refusal("module_not_js", refused, `${why}${shown}`, hint);
}

function beginningOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 400));
  // deno-lint-ignore no-control-regex -- what came may hold anything, and is shown in a terminal
  return text.replaceAll(/[\s\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, 100);
}
