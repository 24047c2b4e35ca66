/** Which addresses a module may have, and who may import whom. */

import { messageOf } from "../errors.ts";
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
