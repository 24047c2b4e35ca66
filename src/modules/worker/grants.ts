/**
 * Checks permissions before acting. The runtime would refuse too; but if assay was started in a terminal without
 * `--no-prompt`, it would first ask the user, in words that name no plugin.
 */

import { apply } from "./primordials.ts";

const { permissions, errors } = Deno;

export function requirePermission(descriptor: Deno.PermissionDescriptor): void {
  if (permissions.querySync(descriptor).state === "granted") return;
  const { name, path, host, variable, command, kind } = descriptor as unknown as Record<
    string,
    unknown
  >;
  const what = path ?? host ?? variable ?? command ?? kind;
  const place = what === undefined ? "" : ` of "${what}"`;
  throw new errors.NotCapable(`the plugin was not granted "${name}"${place}`);
}

/** Throws unless the worker may connect to the host of an address. */
export function mustReach(address: string): void {
  const { protocol, hostname, port } = parsed(address);
  const ports: Record<string, string> = {
    "http:": "80",
    "ws:": "80",
    "https:": "443",
    "wss:": "443",
  };
  const standard = ports[protocol];
  if (standard !== undefined) {
    requirePermission({ name: "net", host: `${hostname}:${port || standard}` });
  }
}

const OriginalURL = URL;

/** The parts of an address, read with getters that the plugin cannot have changed. */
const getters = Object.getOwnPropertyDescriptors(URL.prototype);

function parsed(address: string): { protocol: string; hostname: string; port: string } {
  const url = new OriginalURL(address);
  const part = (name: "protocol" | "hostname" | "port"): string =>
    apply(getters[name].get!, url, []);
  return { protocol: part("protocol"), hostname: part("hostname"), port: part("port") };
}
