/** Whether bwrap works here: acts that must fail inside and work outside. */

import type {
  ConfigTable,
  Dimension,
  EngineHost,
  Probe,
  ProgramResult,
  SandboxSpec,
  WrapContext,
} from "../../src/plugin.ts";
import { acts, doActs, layout, probedSpec } from "./_bwrap_acts.ts";
import { filterFile, places, wrapped } from "./_bwrap_argv.ts";
import { shell } from "./_bwrap_kinds.ts";
import type { Kind } from "./_bwrap_mounts.ts";
import { filterFor, hasFilter } from "./_seccomp.ts";

const path = "PATH=/usr/bin:/bin:/run/current-system/sw/bin";

/** Makes the folder and does the acts outside; `$1` is the filter for `printf`, then bwrap. */
const prepare = `
${path}
filter=$1 program=$2
${layout}
printf "$filter" > ${filterFile}
pid=$PPID net=$(readlink /proc/self/ns/net) pids=$(readlink /proc/self/ns/pid)
printf '%s\\n' "$d" "$pid" "$net" "$pids" "$("$program" --version)"
${doActs}`;

/** Does the acts inside. */
const inside = `${path} d=$1 pid=$2 net=$3 pids=$4
${doActs}`;

/** What is known outside. */
interface Ground {
  readonly program: string;
  readonly folder: string;
  /** Process, network and process namespace, as the acts take them. */
  readonly outside: readonly string[];
  readonly version: string;
  /** Of each act whether it worked. */
  readonly control: readonly boolean[];
}

/** Proves what bwrap can hold here. */
export async function probe(host: EngineHost): Promise<Probe> {
  if (host.os !== "linux" || !hasFilter(host.arch)) {
    return {
      works: false,
      detail: `it is for Linux on x86_64 and aarch64, not ${host.os} on ${host.arch}`,
    };
  }
  const ground = await groundOf(host);
  if (typeof ground === "string") return { works: false, detail: ground };
  try {
    return await probeOn(ground, host);
  } finally {
    await host.run([shell, "-c", `${path} rm -rf "$1"`, "sh", ground.folder]);
  }
}

async function groundOf({ run, arch, program }: EngineHost): Promise<Ground | string> {
  const looked = await Promise.all(places.map((path) => program(path).catch(() => "")));
  const found = looked.find((path) => path !== "");
  if (found === undefined) return `there is none of ${places.join(", ")}`;
  const filter = filterFor(arch, { sockets: "unix_denied", denyMetadata: true });
  const escaped = [...filter].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const { exitCode, stdout, stderr } = await run([shell, "-c", prepare, "sh", escaped, found]);
  if (exitCode !== 0) return `no folder could be made to try it in: ${stderr.trim()}`;
  const [folder, pid, net, pids, version, ...control] = stdout.trim().split("\n");
  return {
    program: found,
    folder: folder!,
    outside: [pid!, net!, pids!],
    version: version!.replace(/^\S+ /, ""),
    control: control.map((line) => line === "yes"),
  };
}

/** All at once where all works, else part by part. */
async function probeOn(ground: Ground, host: EngineHost): Promise<Probe> {
  const whole = probedSpec(ground.folder);
  const [program, version] = [ground.program, ground.version];
  const withholding = { program, version, disableUserns: true };
  const first = await problemsOf(whole, withholding, ground, host);
  if (isClean(first)) return works(first, withholding);

  const plain = await trial(withholding, host);
  const facts = plain === undefined ? withholding : { program, version, disableUserns: false };
  const refused = plain && await trial(facts, host);
  if (refused !== undefined) return { works: false, detail: `${program}: ${refused}` };
  const parts = await Promise.all(
    partsOf(whole).map((part) => problemsOf(part, facts, ground, host)),
  );
  return works(Object.assign({}, ...parts), facts);
}

type Problems = Readonly<Partial<Record<Dimension, string>>>;

function isClean(problems: Problems): boolean {
  return Object.keys(problems).length === 0;
}

function works(missing: Problems, facts: ConfigTable): Probe {
  const lacking = Object.keys(missing);
  const detail = `bubblewrap ${facts.version}: ${acts.length} acts, each tried outside and inside` +
    (lacking.length > 0 ? `; it cannot give ${lacking.join(", ")}` : "");
  return { works: true, detail, missing, facts };
}

function partsOf(
  { network, processes, ...files }: SandboxSpec,
): SandboxSpec[] {
  return [{ network }, { processes }, files] as SandboxSpec[];
}

/** Why bwrap cannot so much as start a program, or `undefined`. */
async function trial(
  { program, disableUserns }: { readonly program: string; readonly disableUserns: boolean },
  host: EngineHost,
): Promise<string | undefined> {
  const options = ["--unshare-user", ...(disableUserns ? ["--disable-userns"] : [])];
  const argv = [
    ...[program, ...options, "--cap-drop", "ALL", "--ro-bind", "/", "/", "--dev", "/dev"],
    ...["--", shell, "-c", "exit 0"],
  ];
  const result = await reached(argv, host);
  return result.exitCode === 0 ? undefined : said(result);
}

/**
 * Runs a program under bwrap, again when bwrap itself failed: one of the machine's mounts that is taken away while
 * bwrap copies them is no reason to remember that it cannot hold anything here.
 */
async function reached(argv: readonly string[], { run }: EngineHost): Promise<ProgramResult> {
  for (let left = 2;; left--) {
    const result = await run(argv);
    const ownFailure = result.exitCode !== 0 && result.stdout === "";
    if (!ownFailure || left === 0) return result;
  }
}

function said({ exitCode, stderr }: ProgramResult): string {
  return stderr.trim().split("\n").at(-1) || `it ended with exit code ${exitCode}`;
}

/** What of a sandbox is not held, by acts. */
async function problemsOf(
  spec: SandboxSpec,
  facts: ConfigTable,
  { folder, outside, control }: Ground,
  host: EngineHost,
): Promise<Problems> {
  const context: WrapContext = {
    ...host,
    facts,
    descriptorsClosed: false,
    attemptId: "probe",
    commandName: "probe",
    workspace: `${folder}/ws`,
    cwd: `${folder}/ws`,
    liveDir: `${folder}/ws/.assay/live`,
    tmpDir: `${folder}/tmp`,
    protectedPaths: [`${folder}/ws/.assay`],
    filesDir: folder,
    environment: {},
  };
  const kinds = new Map<string, Kind>([[`${folder}/file`, "file"]]);
  const argv = [shell, "-c", inside, "sh", folder, ...outside];
  const result = await reached(wrapped(argv, spec, context, kinds).argv, host);
  const done = result.stdout.trim().split("\n");
  const concerned = acts
    .map((act, index) => ({ ...act, worked: done[index] === "yes", outside: control[index] }))
    .filter(({ dimension }) => spec[dimension] !== undefined);
  if (result.exitCode !== 0 || done.length !== acts.length) {
    return Object.fromEntries(concerned.map(({ dimension }) => [dimension, said(result)]));
  }
  return Object.fromEntries(
    concerned.flatMap(({ dimension, worked, allowed, outside, problem }) => {
      if (!outside) return [[dimension, `what must fail inside does not work outside either`]];
      return worked === allowed ? [] : [[dimension, problem]];
    }),
  );
}
