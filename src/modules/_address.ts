/** Which addresses a module may have, and who may import whom. */

import { messageOf } from "../errors.ts";
import type { LockedModule } from "../plugin_setting.ts";
import { refusal, type Refused } from "./_refusal.ts";

/**
 * Where a module lies. A local one may import everything; one on the loopback interface neither local ones
 * nor more than `data:`, loopback and remote ones; a remote one only remote ones and `data:`. What a
 * `data:` address holds is bound as a remote module is, whoever imports it; as a plugin's entry it is the
 * user's own text, and local.
 */
export type Zone = "local" | "loopback" | "remote";

/** Whether a host's name is one of the loopback interface. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** The zone of an address that {@linkcode checkAddress} let pass. */
export function zoneOf(url: string, isEntry: boolean): Zone {
  const { protocol, hostname } = new URL(url);
  if (protocol === "file:" || (protocol === "data:" && isEntry)) return "local";
  return isLoopback(hostname) ? "loopback" : "remote";
}

/** Whether an address belongs to the project rather than to a server. */
export function isLocal(url: string): boolean {
  return /^(?:file|data):/.test(url);
}

/** An address in its one written form, without a fragment: two fragments are not two modules here. */
export function parseAddress(text: string, refused: Refused, base?: string): string {
  try {
    const url = new URL(text, base);
    url.hash = "";
    return url.href;
  } catch (error) {
    throw refusal("module_address_invalid", refused, `${messageOf(error)}`);
  }
}

/**
 * Refuses an address that a module of the zone `from` must not import, redirect to or be.
 *
 * @throws {UserError} `module_host_refused`, `module_import_refused`, `module_address_invalid`
 */
export function checkAddress(
  address: string,
  from: Zone,
  allow: readonly string[],
  refused: Refused,
): void {
  const url = new URL(address);
  if (url.protocol === "data:") return;
  if (url.protocol === "file:") return checkFile(url, from, refused);
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    const hint = "Modules come from https:, file:, data:, jsr:, npm:, and http: on loopback";
    throw refusal("module_address_invalid", refused, `no modules come from ${url.protocol}`, hint);
  }
  if (url.username !== "" || url.password !== "") {
    const why = "its address holds a user name or password, which would be written to the lock";
    throw refusal("module_address_invalid", refused, why);
  }
  if (isLoopback(url.hostname)) return checkLoopback(url, from, refused);
  if (url.protocol === "http:") {
    const why = `http: is for the loopback interface alone, and ${url.host} is none`;
    throw refusal("module_host_refused", refused, why, "Write https:");
  }
  checkHost(url, allow, refused);
}

function checkFile(url: URL, from: Zone, refused: Refused): void {
  if (from !== "local") {
    const why = `a module that is not local must not import or lead to the local file ${url.href}`;
    throw refusal("module_import_refused", refused, why);
  }
  if (url.host === "") return;
  const why = `a file: address has no host, and this one has ${url.host}`;
  throw refusal("module_address_invalid", refused, why);
}

function checkLoopback(url: URL, from: Zone, refused: Refused): void {
  if (from !== "remote") return;
  const why = `a remote module must not import or lead to ${url.host} on the loopback interface`;
  throw refusal("module_import_refused", refused, why);
}

function checkHost(url: URL, allow: readonly string[], refused: Refused): void {
  if (isAllowed(url, allow)) return;
  const host = `${url.hostname}:${url.port || "443"}`;
  const why = `modules may not come from ${host}`;
  const hint = `If you trust it, add "${host}" to allow under [modules] in .assay/config.toml`;
  throw refusal("module_host_refused", refused, why, hint);
}

/** Entries are `host` or `host:port`, by default port 443; `*.example.com` is every host below. */
function isAllowed({ hostname, port }: URL, allow: readonly string[]): boolean {
  return allow.some((entry) => {
    const [, name = "", entryPort = "443"] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (entryPort !== (port || "443")) return false;
    return name.startsWith("*.") ? hostname.endsWith(name.slice(1)) : hostname === name;
  });
}

// Paths and `file:` addresses.

/** The address of an absolute path. */
export function toFileUrl(path: string): string {
  const escaped = path.replaceAll("%", "%25").replaceAll("\\", "%5C").replaceAll("?", "%3F")
    .replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href;
}

/** The path of a `file:` address. */
export function toPath(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}

// Whether a module is JavaScript, TypeScript or JSON: its content type says so, else its name.

/** What a module is written in. */
export type MediaType = NonNullable<LockedModule["type"]>;

/**
 * TypeScript's names among them: `.ts` is an MPEG transport stream to many a server. What is not here says
 * nothing of modules, such as the `text/vnd.trolltech.linguist` that Debian gives `.ts`: the name decides.
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

/** A page, whatever the address is called. */
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
 * @throws {UserError} `module_not_js` with the beginning of what came, when it is something else.
 */
export function mediaTypeOf(
  url: string,
  contentType: string | undefined,
  bytes: Uint8Array,
  refused: Refused,
): MediaType {
  const essence = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  // What a file of this machine holds is not for logs.
  const beginning = url.startsWith("file:") ? undefined : beginningOf(bytes);
  const said = essence === "" ? "" : ` served as ${essence}`;
  // No module begins with it, and every page does, whatever the server calls it.
  if (beginningOf(bytes).startsWith("<") || pages.includes(essence)) {
    const hint = "Name the module itself: a page that shows it is no module";
    const why = `it is a page${said}, not JavaScript or TypeScript`;
    throw notJs(refused, why, beginning, hint);
  }
  if (/\.[jt]sx$/.test(url.split(/[?#]/)[0]!)) {
    throw refusal("module_unsupported_syntax", refused, "JSX is not supported");
  }
  const type = typeByContent(essence) ?? typeByName(url);
  if (type !== undefined) return type;
  throw unknownType(url, essence, refused, beginning);
}

/** What a content type says; `undefined` when it says nothing of modules. */
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
    const hint = `Give the file the ending of what it is: ${endings}`;
    return notJs(refused, `its name does not end with ${endings}`, beginning, hint);
  }
  const types = "text/javascript, application/typescript or application/json";
  const served = essence === "" ? "it has no content type" : `it is served as ${essence}`;
  if (url.startsWith("data:")) {
    const why = `${served}, not as JavaScript or TypeScript`;
    return notJs(refused, why, beginning, `Begin the address with data: and ${types}`);
  }
  const why = `${served}, which says nothing of JavaScript or TypeScript, ` +
    `and its address does not end with ${endings}`;
  return notJs(refused, why, beginning, `Serve it as ${types}, or under a name that ends so`);
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
