/**
 * What a command's output tells of limits of its sandbox that it met. A complaint counts only where the sandbox
 * that was enforced explains it; an ordinary error is none.
 */

import { normalize } from "@std/path";
import type { Denial } from "../model.ts";
import type { Dimension, SandboxSpec } from "../plugin.ts";
import { hostOf, pathsOf } from "./_clue_subjects.ts";
import { type Clue, cluesIn, type Complaint } from "./_output_clues.ts";
import { isWithin } from "./paths.ts";

/** What is on the machine at a path, as assay sees it, which is in no sandbox. */
export interface Found {
  /** Links followed. */
  readonly real: string;
  /** `unreadable`: for assay itself, so an error there is no wonder. */
  readonly state: "missing" | "readable" | "unreadable";
}

/** The sandbox a command was held to. */
export interface Held {
  /** What was enforced, and nothing else. */
  readonly enforced: SandboxSpec;
  /** Absolute paths. */
  readonly workspace: string;
  readonly cwd: string;
  /** What it might write besides: its folder of evidence, its temporary folder, its report. */
  readonly writable: readonly string[];
  /** Looks at an absolute path. */
  look(path: string): Promise<Found>;
}

/** Denials told of one output. */
const maxDenials = 20;

/** Paths looked at for one output. */
const maxLooks = 50;

/** Characters of a line that are kept. */
const maxEvidence = 300;

/** The denials an output is evidence of, each once. `stream` names it for people: `standard error`. */
export async function denialsInOutput(
  stream: string,
  text: string,
  held: Held,
): Promise<Denial[]> {
  const found = new Map<string, Denial>();
  const looking = { ...held, look: remembering(held) };
  for (const clue of cluesIn(text)) {
    if (found.size >= maxDenials) break;
    const met = await limitOf(clue, looking);
    if (met === undefined) continue;
    const key = `${met.dimension} ${met.subject ?? ""}`;
    if (!found.has(key)) found.set(key, { ...met, evidence: `${stream}: ${shown(clue.line)}` });
  }
  return withoutVague([...found.values()]);
}

/** One that names nothing says no more than others of its dimension that do. */
function withoutVague(denials: readonly Denial[]): Denial[] {
  const named = new Set(
    denials.filter(({ subject }) => subject !== undefined).map(({ dimension }) => dimension),
  );
  return denials.filter(({ dimension, subject }) => subject !== undefined || !named.has(dimension));
}

function shown(line: string): string {
  // deno-lint-ignore no-control-regex -- they are what is taken out
  return line.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, maxEvidence);
}

/** Each path is looked at once; beyond the limit nothing is known. */
function remembering({ look }: Held): Held["look"] {
  const known = new Map<string, Promise<Found>>();
  return (path) => {
    const found = known.get(path);
    if (found) return found;
    if (known.size >= maxLooks) return Promise.resolve({ real: path, state: "unreadable" });
    const looked = look(path);
    known.set(path, looked);
    return looked;
  };
}

interface Limit {
  readonly dimension: Dimension;
  readonly subject?: string;
}

const judges: Readonly<
  Record<Complaint, (clue: Clue, held: Held) => Limit | undefined | Promise<Limit | undefined>>
> = {
  read_only: (clue, held) => firstPath(clue, held, isNotWritable),
  refused: async (clue, held) =>
    isConnecting(clue) ? unreached(clue, held) : await firstPath(clue, held, isRefused),
  missing: (clue, held) => firstPath(clue, held, isHiddenAway),
  network: (clue, held) => unreached(clue, held),
  processes: (_, { enforced }) => enforced.pids === undefined ? undefined : { dimension: "pids" },
  memory: (_, { enforced }) => enforced.memory === undefined ? undefined : { dimension: "memory" },
  cpu: (_, { enforced }) => enforced.cpu === undefined ? undefined : { dimension: "cpu" },
  system_call: (_, { enforced }) => filterOf(enforced),
};

function limitOf(clue: Clue, held: Held): Limit | undefined | Promise<Limit | undefined> {
  return judges[clue.complaint](clue, held);
}

/** What the signal that ended a command tells of its sandbox, as itself or as a shell's exit code. */
export function denialByEnd(
  { signal, exitCode }: { readonly signal: string | null; readonly exitCode: number | null },
  enforced: SandboxSpec,
): Denial | undefined {
  const ended = (name: string, number: number) => signal === name || exitCode === 128 + number;
  if (ended("SIGXCPU", 24) && enforced.cpu !== undefined) {
    return { dimension: "cpu", evidence: "it was ended by SIGXCPU", killed: true };
  }
  const filter = ended("SIGSYS", 31) ? filterOf(enforced) : undefined;
  return filter && { ...filter, evidence: "it was ended by SIGSYS", killed: true };
}

/** The dimension on whose behalf system calls are filtered. */
function filterOf({ network, filesystem }: SandboxSpec): Limit | undefined {
  if (network !== undefined && network !== "unrestricted") return { dimension: "network" };
  if (filesystem !== undefined && filesystem !== "unrestricted") return { dimension: "filesystem" };
  return undefined;
}

type Judgement = (found: Found, clue: Clue, held: Held) => Dimension | undefined;

async function firstPath(
  clue: Clue,
  held: Held,
  judge: Judgement,
): Promise<Limit | undefined> {
  const { enforced } = held;
  if (enforced.filesystem === undefined && folders(enforced).length === 0) return undefined;
  for (const path of pathsOf(clue)) {
    if (path.includes("\0") || path.startsWith("~")) continue;
    const full = normalize(path.startsWith("/") ? path : `${held.cwd}/${path}`);
    const found = await held.look(full);
    const dimension = judge(found, clue, held);
    if (dimension !== undefined) return { dimension, subject: found.real };
  }
  return undefined;
}

function folders({ paths_hidden = [], tmpfs = [] }: SandboxSpec): readonly string[] {
  return [...paths_hidden, ...tmpfs];
}

const isNotWritable: Judgement = ({ real }, _, held) =>
  mayWrite(real, held) ? undefined : "filesystem";

/** Words of an attempt to read, and to execute, which is no attempt to write. */
const reads =
  /^\s*(?:\S*\/)?(?:cat|head|tail|less|more|[ef]?grep|rg|ls|find|du|wc|sort|diff|cmp|\w+sum|stat|file|strings|od|xxd|tree|readlink|awk|cut|source|(?:ba|da|z|a)?sh):|for reading|can't open file|open directory|cannot (?:read|access|stat)|failed to read|scandir|readdir|can't cd/i;

/** Words of an attempt to write. */
const writes =
  /creat|touch|remove|unlink|rename|mkdir|rmdir|move|overwrit|writ(?:e|ing)|truncat|chmod|chown|(?:changing|setting) |symlink|lock|temporary|\btee:|\b(?:rm|mv|ln|tee|install): /i;

/**
 * A refusal that does not say what was attempted was one to write when assay itself may read what is there, or
 * when nothing is there.
 */
const isRefused: Judgement = ({ real, state }, { line }, held) => {
  if (hiddenBy(real, held.enforced) === "paths_hidden") return "paths_hidden";
  if (mayWrite(real, held)) return undefined;
  if (writes.test(line)) return "filesystem";
  if (reads.test(line)) return undefined;
  return state === "unreadable" ? undefined : "filesystem";
};

/** What is there and was not found was hidden. */
const isHiddenAway: Judgement = ({ real, state }, _, { enforced }) =>
  state === "missing" ? undefined : hiddenBy(real, enforced);

function hiddenBy(path: string, spec: SandboxSpec): "paths_hidden" | "tmpfs" | undefined {
  const isIn = (folder: string) => isWithin(path, folder);
  if (spec.paths_readable?.some(isIn)) return undefined;
  if (spec.paths_hidden?.some(isIn)) return "paths_hidden";
  return spec.tmpfs?.some(isIn) ? "tmpfs" : undefined;
}

/** What every program may use is never counted. */
const devices = ["/dev", "/proc"];

function mayWrite(path: string, { enforced, workspace, writable }: Held): boolean {
  const { filesystem, paths_writable = [], tmpfs = [] } = enforced;
  if (filesystem === undefined || filesystem === "unrestricted") return true;
  const isIn = (folder: string) => isWithin(path, folder);
  if ([...devices, ...writable, ...paths_writable, ...tmpfs].some(isIn)) return true;
  return filesystem === "workspace_only" && isIn(workspace) && !isIn(`${workspace}/.assay`);
}

function isConnecting({ line }: Clue): boolean {
  return /\bconnect|\bdial (?:tcp|udp|unix)\b|\bsocket\b/i.test(line);
}

const loopback = /^(?:localhost|127\.|\[?::1)/i;

function unreached(clue: Clue, { enforced: { network, hosts = [] } }: Held): Limit | undefined {
  if (network === undefined || network === "unrestricted") return undefined;
  const subject = hostOf(clue);
  if (subject === undefined) return { dimension: "network" };
  if (network !== "none" && loopback.test(subject)) return undefined;
  if (hosts.some((host) => host.split(":")[0] === subject.split(":")[0])) return undefined;
  return { dimension: "network", subject };
}
