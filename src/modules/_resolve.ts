/** Resolving: what a specifier names, which addresses a module may have, and what each may import. */

import { messageOf } from "../errors.ts";
import { refusal, type Refused } from "./_refusal.ts";

export type Target =
  /** A module with an address, or `jsr:` and `npm:` packages that lead to one. */
  | { readonly kind: "module" | "jsr" | "npm"; readonly url: string }
  /** One of Node's modules that is allowed, with its scheme. */
  | { readonly kind: "node"; readonly url: string }
  | { readonly kind: "builtin"; readonly builtin: Builtin };

/** The plugin's address as configured; a path is relative to the project's root. */
export function entryTarget(root: string, url: string): Target {
  const refused = { url };
  if (/^\.{0,2}\//.test(url)) {
    return { kind: "module", url: parseAddress(url, refused, toFileUrl(`${root}/`)) };
  }
  return schemeTarget(url, refused) ?? refuseBare(url, refused);
}

/**
 * What `specifier` names in the module at `importer`.
 *
 * @throws {UserError} when a plugin's module may not be named this way.
 */
export function importTarget(specifier: string, importer: string): Target {
  const refused = { url: specifier, importer };
  if (isPluginHelper(specifier)) return { kind: "builtin", builtin: pluginHelper };
  if (/^\.{0,2}\//.test(specifier)) {
    return { kind: "module", url: parseAddress(specifier, refused, importer) };
  }
  return schemeTarget(specifier, refused) ?? refuseBare(specifier, refused);
}

function schemeTarget(specifier: string, refused: Refused): Target | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(specifier)?.[1]?.toLowerCase();
  if (scheme === undefined) return undefined;
  if (scheme === "node") return nodeTarget(specifier, refused);
  if (scheme === "jsr" || scheme === "npm") {
    return { kind: scheme, url: specifier.replace(/^([a-z]+):\/?/i, `${scheme}:`) };
  }
  return { kind: "module", url: parseAddress(specifier, refused) };
}

function nodeTarget(specifier: string, refused: Refused): Target {
  const name = specifier.slice("node:".length);
  const why = nodeModuleRefused(name);
  if (why !== undefined) {
    throw refusal("module_import_refused", refused, `plugins may not import it: ${why}`);
  }
  return { kind: "node", url: `node:${name}` };
}

function refuseBare(specifier: string, refused: Refused): never {
  const hint = isNodeName(specifier)
    ? `Write "node:${specifier}"`
    : `Write where it comes from: "./${specifier}", "npm:${specifier}", "jsr:…" or "https://…"`;
  throw refusal(
    "module_address_invalid",
    refused,
    "a bare name does not say where the module is",
    hint,
  );
}

// Which addresses a module may have.

/**
 * Where a module is. A local one may import everything; one on the loopback interface only
 * `data:`, loopback and remote ones; a remote one only remote ones and `data:`. The content of a
 * `data:` address is restricted like a remote module, whatever imports it; as a plugin's entry it is the
 * user's own text, and local.
 */
export type Zone = "local" | "loopback" | "remote";

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}

/** The zone of an address accepted by {@linkcode checkAddress}. */
export function zoneOf(url: string, isEntry: boolean): Zone {
  const { protocol, hostname } = new URL(url);
  if (protocol === "file:" || (protocol === "data:" && isEntry)) return "local";
  return isLoopback(hostname) ? "loopback" : "remote";
}

/** Whether an address belongs to the project rather than to a server. */
export function isLocal(url: string): boolean {
  return /^(?:file|data):/.test(url);
}

/** The canonical form of an address, without a fragment: two fragments are not two modules here. */
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
 * Refuses an address that a module of the zone `from` must not import, redirect to or have.
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
    throw refusal(
      "module_address_invalid",
      refused,
      `modules cannot come from ${url.protocol}`,
      hint,
    );
  }
  if (url.username !== "" || url.password !== "") {
    const why = "its URL contains a user name or password, which would be written to the lock";
    throw refusal("module_address_invalid", refused, why);
  }
  if (isLoopback(url.hostname)) return checkLoopback(url, from, refused);
  if (url.protocol === "http:") {
    const why = `http: is only for the loopback interface, and ${url.host} is not on it`;
    throw refusal("module_host_refused", refused, why, "Use https:");
  }
  checkHost(url, allow, refused);
}

function checkFile(url: URL, from: Zone, refused: Refused): void {
  if (from !== "local") {
    const why = `a module that is not local must not import or lead to the local file ${url.href}`;
    throw refusal("module_import_refused", refused, why);
  }
  if (url.host === "") return;
  const why = `a file: URL has no host, and this one has ${url.host}`;
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

export function toFileUrl(path: string): string {
  const escaped = path.replaceAll("%", "%25").replaceAll("\\", "%5C").replaceAll("?", "%3F")
    .replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href;
}

export function toPath(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}

// The module that assay itself adds to graphs: the author's helper `assay/plugin`.

/** One of assay's own modules: its file's name in the graph, and its text. */
interface Builtin {
  readonly file: string;
  readonly code: string;
  readonly exports: readonly string[];
}

/** `assay/plugin`, bare or from `npm:`, in any version. On JSR a name has a scope: `jsr:@assay/assay/plugin`. */
function isPluginHelper(specifier: string): boolean {
  return /^(?:(?:jsr|npm):\/?)?(?:@assay\/)?assay(?:@[^/]*)?\/plugin$/.test(specifier);
}

/** What `assay/plugin` is at run time; everything else in it is types. */
const pluginHelper: Builtin = {
  file: "assay_plugin.js",
  code: "export const definePlugin = (plugin) => plugin;\n",
  exports: ["definePlugin"],
};

/**
 * Which of Node's modules a plugin may import: those that expose no way to run text as code, no threads, no
 * processes, and not the streams of assay's own process.
 *
 * Each was checked for what it exposes (the test walks everything reachable from its exports):
 * all of them only calculate. `fs` is not included: it accepts 0, 1 and 2 for assay's standard streams
 * without asking, and it follows symbolic links out of what was granted.
 */
export const allowedNodeModules: readonly string[] = `
  assert assert/strict buffer constants crypto events path path/posix path/win32 punycode querystring
  stream stream/consumers stream/promises stream/web string_decoder timers timers/promises url util
  util/types zlib`.trim().split(/\s+/);

const network =
  "it opens sockets past the plugin's own permissions of today or tomorrow; use fetch";
const observes = "it hands out what the code around the plugin is doing";
const runsText = "it runs code from text, which is not checked";
const startsThreads = "it starts threads, which load code of their own";
const startsPrograms = "it starts programs; use services.run";

/** Why one of Node's modules is refused, by the first part of its name. */
const reasons: Readonly<Record<string, string>> = {
  async_hooks: observes,
  child_process: startsPrograms,
  cluster: startsPrograms,
  console: "it writes to assay's own output; use services.warn",
  dgram: network,
  diagnostics_channel: observes,
  dns: network,
  domain: observes,
  fs: "it follows links out of what was granted; use services.readText or Deno.readTextFile",
  http: network,
  http2: network,
  https: network,
  inspector: "it debugs the process: everything is within its reach",
  module: "it loads code past the loader's checks",
  net: network,
  os: "it tells of the machine; use services.env and what the command's events say",
  perf_hooks: "it observes the code around the plugin; use the global performance",
  process: "it is assay's own process: it loads code and ends the program",
  readline: "it reads and writes assay's own terminal",
  repl: runsText,
  sea: "it reads what the program was packed with",
  sqlite: "it opens files and loads native code",
  sys: "it is an old name; write node:util",
  test: "it runs tests within assay's own process",
  tls: network,
  trace_events: observes,
  tty: "it opens assay's own terminal",
  v8: "it changes the flags of the engine and reads its memory",
  vm: runsText,
  wasi: "it gives WebAssembly the file system",
  worker_threads: startsThreads,
};

/** Why a plugin may not import `node:NAME`; `undefined` when it may. */
export function nodeModuleRefused(name: string): string | undefined {
  if (allowedNodeModules.includes(name)) return undefined;
  const [first = ""] = name.split("/");
  return Object.hasOwn(reasons, first)
    ? reasons[first]
    : "it is not on the list of harmless modules";
}

/** Whether a bare name is one of Node's modules with its scheme left out. */
export function isNodeName(name: string): boolean {
  return allowedNodeModules.includes(name) || Object.hasOwn(reasons, name.split("/")[0]!);
}
