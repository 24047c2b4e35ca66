/** What contradicts itself in a sandbox, as far as its table alone tells. */

import type { KeyPath } from "../text/positions.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { pathKeys } from "../sandbox/paths.ts";
import { presets } from "../sandbox/presets.ts";
import type { SandboxTable } from "./sandbox_schema.ts";

/** One thing that is wrong with a sandbox. */
export interface SandboxProblem {
  /** In the table. */
  readonly path: KeyPath;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string;
}

/** How many paths a list may hold: each is several arguments of a program, whose number is limited. */
export const maxPaths = 500;

/** The problems; `engines` are the names there are, absent when they are not known. */
export function sandboxProblems(
  table: SandboxTable,
  engines?: readonly string[],
): SandboxProblem[] {
  return [
    ...networkProblems(table),
    ...filesystemProblems(table),
    ...readableProblems(table),
    ...numberProblems(table),
    ...engineProblems(table, engines),
  ];
}

function networkProblems(table: SandboxTable): SandboxProblem[] {
  const network = valueOf(table, "network");
  const listed = (["hosts", "allowed_hosts"] as const).flatMap((key) =>
    (table[key] ?? []).map((host, index) => ({ key, index, host }))
  );
  const [first] = listed;
  const alone: SandboxProblem[] = first && network !== "hosts"
    ? [{
      path: [first.key],
      message: `it goes with network = "hosts", and ${said(table, "network")}`,
      hint: `set network = "hosts", or remove ${first.key}`,
    }]
    : [];
  const missing: SandboxProblem[] = !first && network === "hosts"
    ? [{
      path: ["network"],
      message: '"hosts" needs the key hosts, which lists none',
      hint: 'list them: hosts = ["example.com:443"]; where none may be reached, network = "none"',
    }]
    : [];
  const wrong = listed.flatMap(({ key, index, host }): SandboxProblem[] => {
    const problem = hostProblem(host);
    return problem === undefined ? [] : [{
      path: [key, index],
      message: `expected a host, with a port or without, found ${JSON.stringify(host)}; ${problem}`,
      hint: 'hosts look like "example.com", "example.com:443", "127.0.0.1:80" and "[::1]:80"',
    }];
  });
  return [...alone, ...missing, ...wrong];
}

function filesystemProblems(table: SandboxTable): SandboxProblem[] {
  const filesystem = valueOf(table, "filesystem");
  const hasPaths = (table.paths_writable ?? []).length > 0;
  if (filesystem === "scoped_write" && !hasPaths) {
    return [{
      path: ["filesystem"],
      message: '"scoped_write" needs the key paths_writable, which lists none',
      hint: 'list them: paths_writable = ["out"]; where nothing may be written, ' +
        'filesystem = "readonly"',
    }];
  }
  if (!hasPaths || filesystem === "scoped_write" || filesystem === "workspace_only") return [];
  return [{
    path: ["paths_writable"],
    message: 'it goes with filesystem = "scoped_write" or "workspace_only", and ' +
      said(table, "filesystem"),
    hint: 'set filesystem = "scoped_write", or remove paths_writable',
  }];
}

/** Reading is open everywhere else, and whoever lists what may be read may think that it is not. */
function readableProblems(table: SandboxTable): SandboxProblem[] {
  const { paths_readable: readable = [], paths_hidden: hidden = [], tmpfs = [] } = table;
  if (readable.length === 0 || hidden.length > 0 || tmpfs === true || tmpfs.length > 0) return [];
  return [{
    path: ["paths_readable"],
    message: "nothing is hidden, so everything may be read and it restricts nothing",
    hint: "list what must not be read in paths_hidden, or remove paths_readable",
  }];
}

function numberProblems(table: SandboxTable): SandboxProblem[] {
  return pathKeys.flatMap((key): SandboxProblem[] => {
    const paths = table[key];
    if (!Array.isArray(paths) || paths.length <= maxPaths) return [];
    const message = `it lists ${paths.length} paths, and ${maxPaths} are the most there may be`;
    return [{ path: [key], message, hint: "name the folders around them" }];
  });
}

function engineProblems(
  { engines }: SandboxTable,
  known: readonly string[] | undefined,
): SandboxProblem[] {
  if (engines === undefined) return [];
  if (engines.length === 0) {
    return [{
      path: ["engines"],
      message: "it lists none, and no engine could hold the command to anything",
      hint: "name at least one engine, or leave engines out to choose among all",
    }];
  }
  return engines.flatMap((name, index): SandboxProblem[] => {
    if (known === undefined || known.includes(name)) return [];
    const guess = didYouMean(name, known) || `; known are ${known.join(", ")}`;
    return [{
      path: ["engines", index],
      message: `unknown engine "${name}"${guess}`,
      hint: "assay sandbox doctor shows every engine; a plugin can bring others",
    }];
  });
}

/** The value that holds: the table's, else its preset's. */
function valueOf(table: SandboxTable, key: "network" | "filesystem"): string | undefined {
  return table[key] ?? presets[table.preset ?? "none"][key];
}

/** Who says what of a key: the table, its preset, or nobody. */
function said(table: SandboxTable, key: "network" | "filesystem"): string {
  const own = table[key];
  if (own !== undefined) return `${key} = "${own}"`;
  const { preset } = table;
  if (preset === undefined) return `${key} is not set`;
  const value = presets[preset][key];
  return `the preset "${preset}" ${
    value === undefined ? `leaves ${key} open` : `says ${key} = "${value}"`
  }`;
}

// What may stand in `hosts` of a sandbox.

/** A label of a name, RFC 1123, and `_`, which names of services hold. */
const label = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** Why a text is no host with an optional port, or nothing: `example.com`, `127.0.0.1:80`, `[::1]:443`. */
export function hostProblem(text: string): string | undefined {
  if (text.includes("://")) return "it is an address; name the host alone";
  if (text.includes("/")) return "it holds a /; name one host, without a path or a network";
  if (text.includes("*")) return "it holds a *; name each host";
  if (/^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*$/i.test(text)) {
    return `an IPv6 address stands in brackets: "[${text}]"`;
  }
  const [, host = "", port] = /^(\[[^\]]*\]|[^:[\]]*)(?::(.*))?$/s.exec(text) ?? [];
  if (port !== undefined && !isPort(port)) return "its port is no number from 1 to 65535";
  return isHost(host) ? undefined : "it is no name or address of a host";
}

function isPort(text: string): boolean {
  return /^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535;
}

function isHost(host: string): boolean {
  if (host.startsWith("[")) return /^\[[\da-f:.]+\]$/i.test(host) && URL.canParse(`http://${host}`);
  const labels = host.replace(/\.$/, "").split(".");
  if (host.length > 253 || !labels.every((each) => label.test(each))) return false;
  // Programs read what ends in a number as an IPv4 address.
  return !/^\d+$/.test(labels.at(-1)!) || isIpv4(labels);
}

function isIpv4(parts: readonly string[]): boolean {
  return parts.length === 4 &&
    parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}
