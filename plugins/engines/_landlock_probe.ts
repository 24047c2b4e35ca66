import type { EngineHost, Probe, SandboxSpec } from "../../src/plugin.ts";
import { confinedArgv } from "./_landlock_argv.ts";
import { landlockAbi, orderFor } from "./_landlock_order.ts";
import { hasFilter } from "./_seccomp.ts";
import script from "./landlock_probe.sh" with { type: "text" };

/** The hidden verb's answer when asked for a report. */
interface Report {
  readonly abi: number;
  readonly sockets: Readonly<Record<string, number>>;
}

/** Creates two folders with a file in each, for the acts with and without limits. */
const setUp = 'd=$(mktemp -d) && cd "$d" && mkdir -p free/in free/out held/in held/out && ' +
  'for each in */*; do : > "$each/old" || exit; done && pwd -P';

const everything = "create append truncate chmod remove";
const everythingButModes = "create append truncate remove";
const addressFamilyNotSupported = 97;

/**
 * Landlock holds a command: it can write in one folder but not in the one next to it, and cannot create a
 * socket. Before that, a command without limits does the same acts in both folders.
 */
export async function probe(host: EngineHost): Promise<Probe> {
  if (host.os !== "linux") return broken(`Landlock is a part of Linux, this is ${host.os}`);
  if (!hasFilter(host.arch)) return broken(`there is no filter for the processor ${host.arch}`);
  const made = await host.run(["sh", "-c", setUp]);
  const folder = made.stdout.trimEnd();
  if (made.exitCode !== 0) return broken(`no folder could be made to try it in: ${made.stderr}`);
  try {
    return await probeIn(folder, host);
  } finally {
    await host.run(["rm", "-rf", folder]);
  }
}

async function probeIn(folder: string, host: EngineHost): Promise<Probe> {
  const free = await tryIn(`${folder}/free`, {}, host);
  if ("failure" in free) return broken(`assay could not be started to confine: ${free.failure}`);
  const { abi } = free.report;
  if (abi === 0) return broken("the kernel has no Landlock, or it is not switched on (lsm=)");
  if (abi < landlockAbi.truncate) {
    return broken(`the kernel's Landlock has version ${abi}; before 3 files can be emptied`);
  }
  const control = problemWith("the same acts without limits", free, everything, everything, 0);
  if (control) return broken(control);
  return await probeConfined(`${folder}/held`, abi, host);
}

async function probeConfined(folder: string, abi: number, host: EngineHost): Promise<Probe> {
  const isOffline = abi >= landlockAbi.tcp;
  const spec: SandboxSpec = {
    filesystem: "readonly",
    paths_writable: [`${folder}/in`],
    ...(isOffline ? { network: "none" } : {}),
  };
  const noSockets =
    `the kernel's Landlock has version ${abi}; it holds sockets from 4 on (Linux 6.7)`;
  const nowhere = `${folder}/in`;
  const own = { workspace: folder, tmpDir: nowhere, liveDir: nowhere };
  const held = await tryIn(folder, orderFor(spec, own, { abi, arch: host.arch }), host);
  if ("failure" in held) return broken(`a confined command did not run: ${held.failure}`);
  const socketError = isOffline ? addressFamilyNotSupported : 0;
  const problem = problemWith("confined", held, everythingButModes, "", socketError);
  if (problem) return broken(problem);
  return {
    works: true,
    detail: `Landlock ${abi}: a confined command could write where allowed; writing elsewhere` +
      `${isOffline ? ", opening a socket" : ""} and changing a mode were denied`,
    facts: { abi },
    ...(isOffline ? {} : { missing: { network: noSockets } }),
  };
}

/** What a command did in both folders, and what was reported where it ran. */
interface Tried {
  readonly report: Report;
  readonly inside: string;
  readonly outside: string;
}

async function tryIn(
  folder: string,
  order: object,
  host: EngineHost,
): Promise<Tried | { readonly failure: string }> {
  const command = [await host.program("sh"), "-c", script, "sh", folder];
  const argv = confinedArgv(host, { ...order, report: true }, command, {});
  const { exitCode, stdout, stderr } = await host.run(argv);
  if (exitCode !== 0) return { failure: stderr.trim() || `exit code ${exitCode}` };
  const [report = "", inside = "", outside = ""] = stdout.split("\n");
  return { report: JSON.parse(report), inside: inside.trim(), outside: outside.trim() };
}

function problemWith(
  how: string,
  { report, inside, outside }: Tried,
  mayInside: string,
  mayOutside: string,
  socketError: number,
): string | undefined {
  const sockets = Object.entries(report.sockets).filter(([, error]) => error !== socketError);
  if (inside !== mayInside) return `${how}: "${inside}" was done, not "${mayInside}"`;
  if (outside !== mayOutside) return `${how}, outside: "${outside}" was done, not "${mayOutside}"`;
  if (sockets.length > 0) {
    return `${how}: a socket gave ${JSON.stringify(Object.fromEntries(sockets))}`;
  }
  return undefined;
}

function broken(detail: string): Probe {
  return { works: false, detail };
}
