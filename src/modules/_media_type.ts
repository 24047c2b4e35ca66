/** Whether a module is JavaScript, TypeScript or JSON: its content type says so, else its name. */

import type { LockedModule } from "../plugin_setting.ts";
import { refusal, type Refused } from "./_refusal.ts";

/** What a module is written in. */
export type MediaType = NonNullable<LockedModule["type"]>;

/** TypeScript's names among them: `.ts` is an MPEG transport stream to many a server. */
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

/** These say nothing: the name decides. */
const vague = ["", "text/plain", "application/octet-stream", "binary/octet-stream"];

/** What an address says by its extension; `undefined` when it says nothing. */
export function typeByName(url: string): MediaType | undefined {
  if (url.startsWith("data:")) return undefined;
  const extension = /\.([a-z]+)$/.exec(new URL(url).pathname.toLowerCase())?.[1] ?? "";
  return Object.hasOwn(byExtension, extension) ? byExtension[extension] : undefined;
}

/**
 * What a module is.
 *
 * @throws {UserError} `module_not_js` with the beginning of what came, when it is something else.
 */
export function mediaTypeOf(
  url: string,
  contentType: string | undefined,
  bytes: Uint8Array,
  refused: Refused,
): MediaType {
  const essence = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  // What a file of this machine holds is nobody's business: an import may name any of them.
  const beginning = url.startsWith("file:") ? undefined : beginningOf(bytes);
  const said = essence === "" ? "" : ` served as ${essence}`;
  // No module begins with it, and every page does, whatever the server calls it.
  if (beginningOf(bytes).startsWith("<")) {
    throw notJs(refused, `it is a page${said}, not JavaScript or TypeScript`, beginning);
  }
  if (/\.[jt]sx$/.test(url.split(/[?#]/)[0]!)) {
    throw refusal("module_unsupported_syntax", refused, "JSX is not supported");
  }
  const type = Object.hasOwn(byContentType, essence)
    ? byContentType[essence]
    : vague.includes(essence)
    ? typeByName(url)
    : undefined;
  if (type !== undefined) return type;
  const why = vague.includes(essence)
    ? `neither its content type (${
      essence || "none"
    }) nor its name (.js, .mjs, .ts, .mts, .json) ` +
      "says that it is JavaScript or TypeScript"
    : `it is served as ${essence}, not as JavaScript or TypeScript`;
  throw notJs(refused, why, beginning);
}

function notJs(refused: Refused, why: string, beginning: string | undefined) {
  const shown = beginning === undefined ? "" : `; it begins: ${beginning || "(empty)"}`;
  const hint = "Name the module itself: a page that shows it is no module";
  return refusal("module_not_js", refused, `${why}${shown}`, hint);
}

function beginningOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 400));
  // deno-lint-ignore no-control-regex -- what came may hold anything, and is shown in a terminal
  return text.replaceAll(/[\s\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, 100);
}
