/**
 * The whole escape suite on this machine: every set of engines, as every user there is.
 * `deno run -A tests/escape/measure.ts --write` keeps the matrix, from which the README's table is made.
 *
 * @module
 */

import { withFolder } from "../support.ts";
import type { Matrix } from "./_matrix.ts";
import { type EngineSet, nameOf, plainSets, systemdSets } from "./_profiles.ts";
import { controls, judgeControls, type Tried, trySet } from "./_suite.ts";
import { assayForAnybody, copy, missingForAll, placeOf, runAll } from "./_world.ts";

/** Somebody who runs assay. */
export interface User {
  readonly name: "root" | "ordinary user" | "root, with systemd";
  readonly sets: readonly EngineSet[];
  /** Why it cannot be tried here. */
  readonly missing?: string | undefined;
  readonly uid: number;
  readonly wrapper?: string | undefined;
}

const isRoot = Deno.uid() === 0;
const systemd = Deno.env.get("ASSAY_SYSTEMD");

/** An ordinary user that has nothing else on this machine: the limit on processes counts all of them. */
const nobodyElse = 61_000 + Deno.pid % 1000;

/** Who is tried here. */
export const users: readonly User[] = [
  {
    name: "root",
    sets: plainSets,
    uid: 0,
    missing: missingForAll() ?? (isRoot ? undefined : "it is not run by root"),
  },
  {
    name: "ordinary user",
    sets: plainSets,
    uid: isRoot ? nobodyElse : Deno.uid() ?? 0,
    missing: missingForAll(),
  },
  {
    name: "root, with systemd",
    sets: systemdSets,
    uid: 0,
    wrapper: systemd,
    missing: missingForAll() ?? (isRoot ? undefined : "it is not run by root") ??
      (systemd
        ? undefined
        : "needs ASSAY_SYSTEMD, a program that starts a command beside a systemd"),
  },
];

/** What came of all sets of a user. */
export interface Outcome {
  readonly controls: ReturnType<typeof judgeControls>;
  readonly tried: readonly Tried[];
}

/** Tries all sets of a user, two at a time. */
export function tryUser({ name, sets, uid, wrapper }: User): Promise<Outcome> {
  return withFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await copy(new URL(".", import.meta.url).pathname, `${folder}/tools`);
    const program = uid === Deno.uid() ? undefined : await assayForAnybody(folder);
    const at = async (part: string, by: number) => ({
      ...await placeOf(folder, part, by, program),
      wrapper,
    });
    const waiting = [...sets];
    const worker = async (index: number): Promise<Tried[]> => {
      const done: Tried[] = [];
      // Users of their own, so that one's processes do not count for the other.
      const place = await at(String(index), uid === 0 || !isRoot ? uid : uid + 1000 * index);
      for (let set = waiting.shift(); set; set = waiting.shift()) {
        console.log(`escape: ${name}: ${nameOf(set)}`);
        done.push(await trySet(set, place));
      }
      return done;
    };
    const controlled = async () => {
      const { results } = await runAll(controls(folder), await at("controls", uid));
      return judgeControls(results);
    };
    const [first, second, control] = await Promise.all([worker(1), worker(2), controlled()]);
    const all = [...first, ...second];
    return {
      controls: control,
      tried: sets.map((set) => all.find((each) => each.name === nameOf(set))!),
    };
  });
}

/** The matrix of what was tried. */
export function matrixOf(outcomes: readonly (readonly [string, Outcome])[]): Matrix {
  return Object.fromEntries(
    outcomes.map(([user, { tried }]) => [
      user,
      Object.fromEntries(tried.map(({ name, column }) => [name, column])),
    ]),
  );
}

if (import.meta.main) {
  const outcomes: [string, Outcome][] = [];
  for (const user of users) {
    if (user.missing) console.log(`${user.name}: ${user.missing}`);
    else outcomes.push([user.name, await tryUser(user)]);
  }
  for (const [user, { controls: { problems, untried }, tried }] of outcomes) {
    for (const problem of problems) console.log(`${user}: control: ${problem}`);
    for (const each of untried) console.log(`${user}: not tried: ${each}`);
    for (const each of tried) {
      for (const problem of each.problems) console.log(`${user}: ${problem}`);
    }
  }
  const matrix = matrixOf(outcomes);
  const file = new URL("matrix.json", import.meta.url);
  if (Deno.args.includes("--write")) {
    await Deno.writeTextFile(file, `${JSON.stringify(matrix, null, 1)}\n`);
  }
}
