/** Tries sets of engines: with the controls of their acts, and what `doctor` says next to what was recorded. */

import { type EngineState, guaranteeOf, isGiven, type SandboxDoctor } from "./_doctor.ts";
import {
  attemptOf,
  isByAnEngine,
  leftOut,
  problemsOfControl,
  problemsOfSandboxed,
  untriedActs,
} from "./_judge.ts";
import { type Column, columnOf } from "./_matrix.ts";
import { declaredBy, type EngineSet, nameOf, type Profile, tableOf } from "./_profiles.ts";
import { type Place, type Result, runAll, type Skipped, type Spec } from "./_world.ts";

/** The results of a set of engines. */
export interface Tried {
  readonly name: string;
  readonly column: Column;
  /** Engines of the set that do not work here. */
  readonly broken: readonly EngineState[];
  /** What contradicts the record; nothing may. */
  readonly problems: readonly string[];
  /** Acts that a caveat leaves out and that got through, by profile. */
  readonly leftOut: readonly string[];
  /** Milliseconds of each run, by profile. */
  readonly times: Readonly<Record<string, number>>;
  readonly acts: number;
}

/** The acts unsandboxed: all but those of limits, and those of each limit. */
export function controls(folder: string): Spec[] {
  return [undefined, "pids", "memory", "cpu"].map((limit) => ({
    base: `${folder}/control-${limit ?? "acts"}`,
    sandbox: null,
    dimensions: {},
    limit,
  }));
}

/** What is wrong with the controls, and what of them cannot be done here. */
export function judgeControls(
  results: readonly (Result | Skipped)[],
): { problems: string[]; untried: string[] } {
  const done = results.filter((result) => !result.skipped);
  return { problems: done.flatMap(problemsOfControl), untried: done.flatMap(untriedActs) };
}

/** The results of sets, and of the controls if requested. */
export interface Tries {
  readonly tried: readonly Tried[];
  readonly controls: ReturnType<typeof judgeControls>;
}

/** Tries each set in every profile that it has to do with, in one go; the controls before them. */
export async function trySets(
  sets: readonly EngineSet[],
  place: Place,
  before: readonly Spec[] = [],
): Promise<Tries> {
  const specs = await Promise.all(sets.map((set) => specsOf(set, place)));
  const { doctor, results } = await runAll([...before, ...specs.flat()], place);
  const controls = judgeControls(results.splice(0, before.length));
  const tried = sets.map((set, index) =>
    judge(set, doctor, results.splice(0, specs[index]!.length))
  );
  return { tried, controls };
}

async function specsOf(set: EngineSet, place: Place): Promise<Spec[]> {
  const folder = `${place.folder}/${nameOf(set).replaceAll(" + ", "-")}-${place.uid}`;
  await Deno.mkdir(folder);
  return set.profiles.map((profile) => specOf(profile, set, `${folder}/${profile.name}`));
}

function judge(
  set: EngineSet,
  doctor: SandboxDoctor,
  results: readonly (Result | Skipped)[],
): Tried {
  const name = nameOf(set);
  const runs = results.flatMap((result, index) =>
    result.skipped ? [] : [{ result, profile: set.profiles[index]! }]
  );
  const facts = runs.flatMap(({ result }) => attemptOf(result)?.sandbox ?? []);
  const lines = (of: (run: typeof runs[number]) => readonly string[]) =>
    runs.flatMap((run) => of(run).map((each) => `${name}, ${run.profile.name}: ${each}`));
  return {
    name,
    column: columnOf(facts, doctor, set.engines),
    broken: doctor.engines.filter((each) => set.engines.includes(each.name) && !each.works),
    problems: lines(({ result, profile }) => [
      ...problemsOfSandboxed(result, profile.limit),
      ...skipped(result, doctor, set),
    ]),
    leftOut: lines(({ result }) => leftOut(result)),
    times: Object.fromEntries(runs.map(({ result, profile }) => [profile.name, result.run.ms])),
    acts: runs.flatMap(({ result }) => result.acts).length,
  };
}

function specOf(profile: Profile, { engines }: EngineSet, base: string): Spec {
  return {
    base,
    sandbox: tableOf(profile, engines, base),
    engines,
    dimensions: declaredBy(profile),
    limit: profile.limit,
  };
}

/** What an engine says it gives and did not, and the other way round. */
function skipped(result: Result, doctor: SandboxDoctor, { engines }: EngineSet): string[] {
  const facts = attemptOf(result)?.sandbox ?? [];
  // Which paths may be written is part of what `filesystem` says.
  return facts.filter(({ dimension }) => dimension !== "paths_writable").flatMap((fact) => {
    const given = isGiven(guaranteeOf(doctor, engines, fact));
    if (given === isByAnEngine(fact)) return [];
    const what = `${fact.dimension} = ${fact.declared}`;
    return [
      given
        ? `doctor says ${what} is given, and the run did not enforce it: ${fact.why}`
        : `${what} is recorded as enforced by ${fact.enforced_by}, and doctor says it is not given`,
    ];
  });
}
