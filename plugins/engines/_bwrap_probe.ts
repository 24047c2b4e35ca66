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
import { places, shell, wrapped } from "./_bwrap_argv.ts";
import type { Kind } from "./_bwrap_mounts.ts";
import { filterFor, hasFilter } from "./_seccomp.ts";
import script from "./bwrap_probe.sh" with { type: "text" };

/** What is known outside. */
interface Ground {
  readonly program: string;
  readonly folder: string;
  /** Process, network and process namespace, as passed to the acts. */
  readonly outside: readonly string[];
  readonly version: string;
  /** Results of the script's acts. */
  readonly acts: readonly Act[];
}

/** An act of the script, which must work outside, and inside as far as the sandbox allows. */
interface Act {
  readonly worked: boolean;
  readonly dimension: Dimension;
  /** Whether it must work inside. */
  readonly allowed: boolean;
  /** What is wrong if it does not go as it must. */
  readonly problem: string;
}

function actOf(line: string): Act {
  const [worked, dimension, allowed, ...problem] = line.split(" ");
  return {
    worked: worked === "yes",
    dimension: dimension as Dimension,
    allowed: allowed === "yes",
    problem: problem.join(" "),
  };
}

/** Proves what bwrap can enforce here. */
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
    await host.run(["rm", "-rf", ground.folder]);
  }
}

async function groundOf({ run, arch, program }: EngineHost): Promise<Ground | string> {
  const looked = await Promise.all(places.map((path) => program(path).catch(() => "")));
  const found = looked.find((path) => path !== "");
  if (found === undefined) return `not found: ${places.join(", ")}`;
  const filter = filterFor(arch, { sockets: "unix_denied", denyMetadata: true });
  const escaped = [...filter].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const { exitCode, stdout, stderr } = await run([
    ...[shell, "-c", script, "sh", "outside", escaped, found],
  ]);
  if (exitCode !== 0) return `could not create a folder to try it in: ${stderr.trim()}`;
  const [folder, pid, net, pids, version, ...acts] = stdout.trim().split("\n");
  return {
    program: found,
    folder: folder!,
    outside: [pid!, net!, pids!],
    version: version!.replace(/^\S+ /, ""),
    acts: acts.map(actOf),
  };
}

/** All at once if everything works, else part by part. */
async function probeOn(ground: Ground, host: EngineHost): Promise<Probe> {
  const whole = probedSpec(ground.folder);
  const [program, version] = [ground.program, ground.version];
  const withholding = { program, version, disableUserns: true };
  const first = await problemsOf(whole, withholding, ground, host);
  if (Object.keys(first).length === 0) return works(first, withholding, ground);

  const plain = await trial(withholding, host);
  const facts = plain === undefined ? withholding : { program, version, disableUserns: false };
  const refused = plain && await trial(facts, host);
  if (refused !== undefined) return { works: false, detail: `${program}: ${refused}` };
  const { network, processes, ...files } = whole;
  const parts = await Promise.all(
    [{ network }, { processes }, files].map((part) =>
      problemsOf(part as SandboxSpec, facts, ground, host)
    ),
  );
  return works(Object.assign({}, ...parts), facts, ground);
}

type Problems = Readonly<Partial<Record<Dimension, string>>>;

function works(missing: Problems, facts: ConfigTable, { acts }: Ground): Probe {
  const lacking = Object.keys(missing);
  const detail =
    `bubblewrap ${facts.version}: ${acts.length} operations, each tried outside and inside` +
    (lacking.length > 0 ? `; it cannot enforce ${lacking.join(", ")}` : "");
  return { works: true, detail, missing, facts };
}

/** Why bwrap cannot even start a program, or `undefined`. */
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
 * Runs a program under bwrap, again if bwrap itself failed: a mount that disappears while
 * bwrap copies the mounts is no reason to remember that it cannot enforce anything here.
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

/** What part of a sandbox is not enforced, by acts. */
async function problemsOf(
  spec: SandboxSpec,
  facts: ConfigTable,
  { folder, outside, acts }: Ground,
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
  const argv = [shell, "-c", script, "sh", "inside", folder, ...outside];
  const result = await reached(wrapped(argv, spec, context, kinds).argv, host);
  const done = result.stdout.trim().split("\n");
  const isDone = result.exitCode === 0 && done.length === acts.length;
  const problemOf = (dimension: string) => {
    const own = acts.map((act, index) => ({ ...act, inside: done[index]?.startsWith("yes ") }))
      .filter((act) => act.dimension === dimension);
    // What was not tried is not enforced.
    if (!isDone || own.length === 0) return said(result);
    if (!own.every(({ worked }) => worked)) {
      return "what must fail inside does not work outside either";
    }
    return own.find(({ inside, allowed }) => inside !== allowed)?.problem;
  };
  const problems = Object.keys(spec).map((dimension) => [dimension, problemOf(dimension)]);
  return Object.fromEntries(problems.filter(([, problem]) => problem !== undefined));
}

/** The sandbox for the script's acts, in the folder of the probe. */
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
