/**
 * The whole escape suite on this machine: every set of engines, as every user there is.
 * `deno run -A tests/machine/escape/measure.ts --write` keeps the matrix, from which the table of docs/sandbox.md is made.
 *
 * @module
 */

import { withFolder } from "../../support.ts";
import type { Matrix } from "./_matrix.ts";
import { type EngineSet, nameOf, plainSets, systemdSets } from "./_profiles.ts";
import { controls, type Tries, trySets } from "./_suite.ts";
import { assayForAnybody, copy, missingForAll, placeOf, type Spec } from "./_world.ts";

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

/** Tries all sets of a user, in two rows side by side. */
function tryUser({ sets, uid, wrapper }: User): Promise<Tries> {
  return withFolder(async (folder) => {
    await Deno.chmod(folder, 0o755);
    await copy(new URL(".", import.meta.url).pathname, `${folder}/tools`);
    const program = uid === Deno.uid() ? undefined : await assayForAnybody(folder);
    const row = async (index: number, before: readonly Spec[]): Promise<Tries> => {
      // Users of their own, so that one's processes do not count for the other.
      const by = uid === 0 || !isRoot ? uid : uid + 1000 * index;
      const place = await placeOf(folder, `row-${index}`, by, program);
      return await trySets(sets.filter((_, at) => at % 2 === index), { ...place, wrapper }, before);
    };
    const rows = await Promise.all([row(0, []), row(1, controls(folder))]);
    const tried = rows.flatMap((each) => each.tried);
    return {
      controls: rows[1].controls,
      tried: sets.map((set) => tried.find(({ name }) => name === nameOf(set))!),
    };
  });
}

/** Tries everybody who can be tried here, all at once: much of it is waiting. */
export function tryAll(): Promise<[string, Tries][]> {
  const able = users.filter(({ missing }) => missing === undefined);
  return Promise.all(able.map(async (user) => [user.name, await tryUser(user)]));
}

/** The matrix of what was tried. */
export function matrixOf(outcomes: readonly (readonly [string, Tries])[]): Matrix {
  return Object.fromEntries(
    outcomes.map(([user, { tried }]) => [
      user,
      Object.fromEntries(tried.map(({ name, column }) => [name, column])),
    ]),
  );
}

if (import.meta.main) {
  for (const { name, missing } of users) if (missing) console.log(`${name}: ${missing}`);
  const outcomes = await tryAll();
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
    await Deno.writeTextFile(file, `${JSON.stringify(matrix, null, 2)}\n`);
  }
}
