/**
 * What a command's output says about sandbox limits it hit. A complaint counts only where the sandbox
 * that was enforced explains it; an ordinary error is no denial.
 */

import { normalize } from "@std/path";
import type { Denial } from "../model.ts";
import type { Dimension, SandboxSpec } from "../plugin.ts";
import { isWithin } from "../text/paths.ts";
import { type Clue, cluesIn, type Complaint } from "./_output_clues.ts";

/** What is on the machine at a path, as assay sees it from outside any sandbox. */
export interface Found {
  /** Links followed. */
  readonly real: string;
  /** `unreadable`: for assay itself, so an error there is to be expected. */
  readonly state: "missing" | "readable" | "unreadable";
}

/** The sandbox a command ran in. */
export interface Held {
  /** Only what was enforced. */
  readonly enforced: SandboxSpec;
  /** Absolute paths. */
  readonly workspace: string;
  readonly cwd: string;
  /** What else it might write: its folder of evidence, its temporary folder, its report. */
  readonly writable: readonly string[];
  /** Looks at an absolute path. */
  look(path: string): Promise<Found>;
}

/** Denials reported per output. */
const maxDenials = 20;

/** Paths looked at per output. */
const maxLooks = 50;

/** Characters kept per line. */
const maxEvidence = 300;

/** The denials an output shows, each once. `stream` names it for people: `standard error`. */
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
  // deno-lint-ignore no-control-regex -- they are what is removed
  return line.replaceAll(/[\x00-\x1f\x7f-\x9f]+/g, " ").trim().slice(0, maxEvidence);
}

/** Each path is looked at once; paths beyond the limit are unknown. */
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

/** What the signal that ended a command, direct or as a shell's exit code, says about its sandbox. */
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

/** The dimension for which system calls are filtered. */
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

/** Words for an attempt to read or to execute, not to write. */
const reads =
  /^\s*(?:\S*\/)?(?:cat|head|tail|less|more|[ef]?grep|rg|ls|find|du|wc|sort|diff|cmp|\w+sum|stat|file|strings|od|xxd|tree|readlink|awk|cut|source|(?:ba|da|z|a)?sh):|for reading|can't open file|open directory|cannot (?:read|access|stat)|failed to read|scandir|readdir|can't cd/i;

/** Words for an attempt to write. */
const writes =
  /creat|touch|remove|unlink|rename|mkdir|rmdir|move|overwrit|writ(?:e|ing)|truncat|chmod|chown|(?:changing|setting) |symlink|lock|temporary|\btee:|\b(?:rm|mv|ln|tee|install): /i;

/**
 * A refusal that does not name the operation counts as a write when assay itself may read what is there, or
 * when nothing exists there.
 */
const isRefused: Judgement = ({ real, state }, { line }, held) => {
  if (hiddenBy(real, held.enforced) === "paths_hidden") return "paths_hidden";
  if (mayWrite(real, held)) return undefined;
  if (writes.test(line)) return "filesystem";
  if (reads.test(line)) return undefined;
  return state === "unreadable" ? undefined : "filesystem";
};

/** What exists and was not found was hidden. */
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

// What a complaint is about: the paths and the host that its line names.

/** A path in quotes; an apostrophe within a word opens none. */
const quoted = /(?<!\w)['"`‘“]([^'"`‘’“”]{1,400})['"`’”]/g;

/** An absolute path without quotes. */
const absolute = /(?<![\w.~/'"`‘-])(\/[^\s'"`‘’“”:;,()<>|]{1,400})/g;

/** A name right before the complaint: `open NAME: `, `tool: NAME: `, `tool: line 1: NAME: `. */
const named =
  /(?:\b(?:open|create|touch|mkdir|rmdir|unlink|rename|remove|write|file|directory) |^[\w./+-]{1,100}: (?:(?:line )?\d{1,9}: )?)([^\s'"`:()]{1,400})(?:: Cannot \w{1,20})?:? ?[:(]? ?$/;

/** A path with a folder in it right before the complaint. */
const withFolder =
  /(?:^|[\s:(=])([^\s'"`:()]{0,200}\/[^\s'"`:()]{0,200})(?:: Cannot \w{1,20})?:? ?[:(]? ?$/;

/** Words that appear where a name could. */
const noName =
  /^E[A-Z]{3,20}$|(?:[Ee]rror|[Ee]xception|[Ee]rrno|failed|denied|[Ww]arning|[Ff]atal)$/;

/** How far behind the complaint its path may be, as in `, open '/x'`. */
const nearby = 100;

/**
 * The paths a complaint about a file may be about, the likeliest first. Where one is right next to the
 * complaint, the others are about something else.
 */
function pathsOf({ before, after, above, complaint, line }: Clue): string[] {
  const adjacent = [
    ...namedBefore(before),
    ...allIn(after.slice(0, nearby)).slice(0, 2),
  ];
  if (adjacent.length > 0) return adjacent;
  const around = allIn(withoutPlaces(before)).toReversed();
  if (around.length > 0) return around;
  // Rust omits the file, which is in the lines above.
  const isBare = complaint === "read_only" || line.includes("(os error ");
  return isBare ? above.toReversed().flatMap((each) => allIn(withoutPlaces(each))) : [];
}

function namedBefore(before: string): string[] {
  const inQuotes = /(?<!\w)['"`‘“]([^'"`‘’“”]{1,400})['"`’”]\)?:? ?[:(]? ?$/.exec(before)?.[1];
  const name = inQuotes ?? withFolder.exec(before)?.[1] ?? named.exec(before)?.[1];
  return name === undefined || noName.test(name) ? [] : [name];
}

function allIn(text: string): string[] {
  const inQuotes = [...text.matchAll(quoted)].map(([, path]) => path!);
  const paths = inQuotes.filter((path) => path.includes("/") || !path.includes(" "));
  return [...paths, ...[...text.matchAll(absolute)].map(([, path]) => path!)];
}

/** Without the name of the program and places in sources, such as `/src/main.py:10`. */
function withoutPlaces(text: string): string {
  return text.replace(/^\s{0,20}[^\s:'"]{1,200}: /, "").replaceAll(/\/[^\s:'"]{1,400}:\d+/g, "");
}

const hostName = String.raw`\[?([\w-][\w.:-]{0,252})\]?`;

/** How tools name the host they did not reach. */
const hostPatterns: readonly RegExp[] = [
  new RegExp(String.raw`could not resolve host(?:name)?:? ['"‘]?${hostName}`, "i"),
  new RegExp(String.raw`resolve host address ['"‘]${hostName}`, "i"),
  new RegExp(String.raw`(?:resolve|resolving) ['"‘]${hostName}`, "i"),
  new RegExp(String.raw`(?:enotfound|eai_again|enetunreach|connect eacces) ${hostName}`, "i"),
  new RegExp(String.raw`\blookup (?!address\b)${hostName}`, "i"),
  new RegExp(String.raw`\bhost=['"]${hostName}`, "i"),
  new RegExp(String.raw`\b(?:connect to|dial \w{1,10}) ${hostName}`, "i"),
  new RegExp(String.raw`\bhttps?://(?:[^\s/@'"]{1,200}@)?${hostName}`, "i"),
  new RegExp(String.raw`(?:^|: )${hostName}: (?:temporary failure|name or service not known)`, "i"),
];

/** The host that was not reached, if the line names it, with its port where given. */
function hostOf({ line, after, before }: Clue): string | undefined {
  for (const pattern of hostPatterns) {
    const host = pattern.exec(line)?.[1]?.replace(/[.:]+$/, "");
    if (host !== undefined && host.length > 0 && isHost(host)) return host;
  }
  return port(before) ?? port(after);
}

/** An address with a port, such as `10.0.0.1:443`. */
function port(text: string): string | undefined {
  return /\b(\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?)\b/.exec(text)?.[1];
}

function isHost(text: string): boolean {
  return text === "localhost" || /[.:]/.test(text) || /^[a-z][a-z0-9-]*$/i.test(text);
}
