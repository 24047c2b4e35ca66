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
import { filterFile, places, wrapped } from "./_bwrap_argv.ts";
import { shell } from "./_bwrap_kinds.ts";
import type { Kind } from "./_bwrap_mounts.ts";
import { filterFor, hasFilter } from "./_seccomp.ts";

const path = "PATH=/usr/bin:/bin:/run/current-system/sw/bin";

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

// What the probe of bwrap does, outside and inside of a sandbox: a shell's own acts, nothing to install.

/** An act that must work outside, and inside as far as the sandbox lets it. */
interface Act {
  readonly dimension: Dimension;
  /** Shell; `$d` is the folder of the probe; outside are the process `$pid`, the namespaces `$net` and `$pids`. */
  readonly script: string;
  /** Whether it must work inside. */
  readonly allowed: boolean;
  /** What went wrong when it did not go as it must. */
  readonly problem: string;
}

/** The sandbox the acts are for, in the folder of the probe. */
function probedSpec(folder: string): SandboxSpec {
  return {
    network: "none",
    filesystem: "workspace_only",
    processes: "isolated",
    paths_writable: [`${folder}/writable`],
    paths_hidden: [`${folder}/hidden`, `${folder}/file`],
    paths_readable: [`${folder}/hidden/open`],
    tmpfs: [`${folder}/memory`],
  };
}

/** Makes what the acts need in a new folder. */
const layout = `
d=$(mktemp -d "\${TMPDIR:-/tmp}/assay-probe.XXXXXX") && d=$(cd "$d" && pwd -P) && cd "$d" || exit 1
mkdir -p ws/.assay/live ws/own tmp writable hidden/open memory outside
for file in file hidden/secret hidden/open/shown memory/old; do echo text > $file; done`;

const sees = (path: string) => `read -r line < "$d/${path}"`;
const writes = (path: string) => `: > "$d/${path}"`;

/** The acts, each a capability's. */
const acts: readonly Act[] = [
  {
    dimension: "network",
    script: `[ "$(readlink /proc/self/ns/net)" = "$net" ]`,
    allowed: false,
    problem: "the command stays in the machine's network",
  },
  {
    dimension: "network",
    // The filter of the probe closes this call besides, which a shell can make and sockets it cannot.
    script: `chmod 700 "$d/ws/own"`,
    allowed: false,
    problem: "the filter of system calls is not in force",
  },
  {
    dimension: "filesystem",
    script: writes("outside/new"),
    allowed: false,
    problem: "a file outside can be written",
  },
  {
    dimension: "filesystem",
    script: writes("ws/.assay/new"),
    allowed: false,
    problem: "a file in .assay can be written",
  },
  {
    dimension: "filesystem",
    script: `${writes("ws/new")} && ${writes("ws/.assay/live/new")} && ${writes("tmp/new")}`,
    allowed: true,
    problem: "a file in the workspace cannot be written",
  },
  {
    dimension: "paths_writable",
    script: writes("writable/new"),
    allowed: true,
    problem: "a file in a writable path cannot be written",
  },
  {
    dimension: "paths_writable",
    script: writes("writable/../outside/other"),
    allowed: false,
    problem: "a file beside a writable path can be written",
  },
  {
    dimension: "paths_hidden",
    script: `${sees("hidden/secret")} || ${sees("file")}`,
    allowed: false,
    problem: "a hidden file can be read",
  },
  {
    dimension: "paths_readable",
    script: sees("hidden/open/shown"),
    allowed: true,
    problem: "a readable path in a hidden one cannot be read",
  },
  {
    dimension: "paths_readable",
    script: writes("hidden/open/new"),
    allowed: false,
    problem: "a readable path in a hidden one can be written",
  },
  {
    dimension: "tmpfs",
    script: sees("memory/old"),
    allowed: false,
    problem: "the folder is not empty",
  },
  {
    dimension: "tmpfs",
    script: writes("memory/new"),
    allowed: true,
    problem: "the folder cannot be written",
  },
  {
    dimension: "processes",
    // A low number can be that of a process inside as well.
    script: `[ "$(readlink /proc/self/ns/pid)" = "$pids" ] || { [ $pid -gt 99 ] && kill -0 $pid; }`,
    allowed: false,
    problem: "a process outside can be signalled",
  },
];

/** Does all acts and prints a line for each: `yes` when it worked. */
const doActs = acts
  .map(({ script }) => `if ( ${script} ) >/dev/null 2>&1; then echo yes; else echo no; fi`)
  .join("\n");

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
