/** What a sandbox kept a command from: as reported by collectors, or read from its output. */

import type { Io } from "../io.ts";
import type { Denial } from "../model.ts";
import type { SandboxDenial } from "../plugin.ts";
import type { Found, Held } from "../sandbox/denials.ts";
import { resolvePath } from "../sandbox/paths.ts";
import { outputHandle } from "./output_handle.ts";
import type { Executed } from "../process/types.ts";
import type { Prepared } from "./types.ts";

/** Denials kept of one attempt. */
const maxDenials = 50;

/** Characters kept of a text. */
const maxText = 500;

/** How much of the end of each stream is looked at, in bytes. */
const tailBytes = 256 * 1024;

/** The denials that a collector pushed, those that name nothing left out. */
export function denialsOf(
  pushed: readonly SandboxDenial[],
  warn: (message: string) => void,
): SandboxDenial[] {
  if (pushed.length > maxDenials) {
    warn(`only the first ${maxDenials} of ${pushed.length} denials of a collector are kept`);
  }
  return pushed.slice(0, maxDenials).flatMap(({ dimension, subject, evidence, killed }) => {
    if (evidence.trim() === "") warn("a denial is not kept: it has no evidence");
    else {
      const named = subject ? { subject: subject.slice(0, maxText) } : {};
      const ended = killed ? { killed } : {};
      return { dimension, ...named, evidence: evidence.slice(0, maxText), ...ended };
    }
    return [];
  });
}

/** Each denial once. */
export function distinctDenials(denials: readonly SandboxDenial[]): SandboxDenial[] {
  const known = new Map(denials.map((each) => [JSON.stringify(each), each]));
  return [...known.values()].slice(0, maxDenials);
}

/**
 * All that is known about denials: what collectors said, what the output says about limits they did not
 * mention, and what the way it ended says. Without an enforced sandbox there is nothing to read.
 */
export async function allDenials(
  reported: readonly SandboxDenial[],
  prepared: Prepared,
  executed: Executed,
  io: Io,
): Promise<readonly Denial[]> {
  const { sandboxed } = prepared;
  if (!sandboxed || executed.pid === null) return reported;
  const { denialsInOutput, denialByEnd } = await import("../sandbox/denials.ts");
  const held = heldOf(prepared, sandboxed, io);
  const found: Denial[] = [...reported];
  const streams = [
    ["standard error", prepared.stderrFile, executed.stderr],
    ["standard output", prepared.stdoutFile, executed.stdout],
  ] as const;
  for (const [name, file, captured] of streams) {
    if (captured.kept === 0) continue;
    const text = await outputHandle(io, file, captured).readText({ from: -tailBytes });
    for (const denial of await denialsInOutput(name, text, held)) {
      if (!isTold(denial, found)) found.push(denial);
    }
  }
  const end = denialByEnd(executed, sandboxed.enforced);
  const all = end && !found.some((each) => each.dimension === end.dimension && each.killed)
    ? [...found, end]
    : found;
  return all.slice(0, maxDenials);
}

/** Whether another one says as much: of this thing, or of the whole limit where this names nothing. */
function isTold({ dimension, subject }: Denial, found: readonly Denial[]): boolean {
  return found.some((each) =>
    each.dimension === dimension && (subject === undefined || each.subject === subject)
  );
}

function heldOf(
  { spec, places, resultFile }: Prepared,
  { enforced }: NonNullable<Prepared["sandboxed"]>,
  io: Io,
): Held {
  const { workspace, cwd, liveDir, env } = spec;
  return {
    enforced,
    workspace,
    cwd,
    writable: [liveDir, places.tmpDir, ...resultFile === undefined ? [] : [resultFile]],
    look: (path) => look(io, path, env.HOME),
  };
}

async function look(io: Io, path: string, home: string | undefined): Promise<Found> {
  try {
    const realPath = (each: string) => io.fs.realPath(each);
    const real = await resolvePath(path, { root: "/", home, realPath });
    return { real, state: await stateOf(io, real) };
  } catch {
    // Whatever the system says about a path that a command made up: assay cannot read it.
    return { real: path, state: "unreadable" };
  }
}

/** Only files and folders are opened: a pipe would wait, and a device may do anything. */
async function stateOf(io: Io, path: string): Promise<Found["state"]> {
  const info = await io.fs.stat(path);
  if (info === undefined) return "missing";
  if (info.isFile) await (await io.fs.openRead(path)).cancel();
  else if (info.isDirectory) await io.fs.list(path);
  else return "unreadable";
  return "readable";
}
