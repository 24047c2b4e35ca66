/** Runs the commands of a hook while what is not tested is set aside, and has it back whatever comes. */

import { dirname, join } from "@std/path";
import { ExitCode } from "../errors.ts";
import type { Journal } from "../hook/journal.ts";
import type { HookPlaces, Repository } from "../hook/repository.ts";
import { type Collision, type Policy, restore, type Restored } from "../hook/restore.ts";
import { recoverLocked } from "../hook/recover.ts";
import { notSetAside, setAside } from "../hook/set_aside.ts";
import type { Survey } from "../hook/survey.ts";
import type { Target } from "../hook/target.ts";
import type { FileInfo, Io } from "../io.ts";
import type { Run } from "../model.ts";
import { ulid } from "../ulid.ts";
import { changeTime } from "../git/work_marks.ts";
import { collisionText } from "./_recovery.ts";
import type { Call } from "./types.ts";

/** What there is to set aside. */
interface Aside {
  readonly hook: string;
  readonly target: Target;
  readonly found: Survey;
}

/** Hears of the run that was made meanwhile. */
export type NoteRun = (run: Run) => void;

/** Sets aside, acts, puts back. */
export async function aside(
  call: Call,
  place: Place,
  { hook, target, found }: Aside,
  act: (note: NoteRun) => Promise<ExitCode>,
): Promise<ExitCode> {
  if (found.entries.length === 0) return await act(() => {});
  const { io } = call;
  const { entries, emptied, made } = found;
  const request = { hook, entries, emptied, made, session: ulid(io) };
  let journal: Journal;
  try {
    journal = await setAside(io, target.repository, place.places, request);
  } catch (error) {
    await recoverLocked(io, place.places, place.repository.top);
    throw notSetAside(error);
  }
  const noted: { run?: Run; ended?: number } = {};
  let exit: ExitCode | undefined;
  try {
    exit = place.isStopped() ? ExitCode.interrupted : await act((run) => {
      noted.run = run;
      noted.ended = io.now();
    });
  } finally {
    const restored = await restore(io, place.places, journal, policyOf(io, place.root, noted));
    tellOf(call, restored, journal.top);
    if (exit === ExitCode.ok && restored.collisions.some(isConflict)) exit = ExitCode.blocked;
  }
  return exit;
}

/** File systems stamp with a coarser clock than the program's, in milliseconds. */
const clockSlackMs = 20;

const isConflict = ({ outcome }: Collision) => outcome === "newer";

/** What was written while the commands ran is theirs, as far as anybody can tell; it is kept with the run. */
function policyOf(io: Io, root: string, noted: { run?: Run; ended?: number }): Policy {
  return {
    async place(path: string, info: FileInfo) {
      const { run, ended } = noted;
      const written = changeTime(info);
      if (!run || ended === undefined || written === null) return undefined;
      const started = Date.parse(run.started_at) - clockSlackMs;
      if (written > ended || written < started) return undefined;
      const file = join(root, ".assay", "runs", run.run_id, "modified", path);
      await io.fs.mkdir(dirname(file));
      return file;
    },
  };
}

function tellOf({ io }: Call, { collisions }: Restored, top: string): void {
  for (const each of collisions) io.stderr.write(`assay: ${collisionText(each, top)}\n`);
}

/** Where a hook runs. */
export interface Place {
  readonly root: string;
  readonly repository: Repository;
  readonly places: HookPlaces;
  /** Whether a signal asked for the end. */
  isStopped(): boolean;
}
