import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Dimension } from "../plugin.ts";
import { baseDimensions } from "./coverage.ts";
import { type Candidate, selectEngines } from "./select.ts";

function engine(name: string, priority: number, ...covers: Dimension[]): Candidate {
  return { name, priority, covers: new Set(covers) };
}

const bwrap = engine("bwrap", 30, "network", "filesystem", "paths_hidden", "tmpfs", "processes");
const landlock = engine("landlock", 40, "network", "filesystem");
const systemd = engine("systemd", 10, "pids", "cpu", "memory");
const prlimit = engine("prlimit", 50, "pids", "cpu", "memory");
const log: Candidate = { ...engine("log", 90), idle: true };
const builtins = [log, prlimit, landlock, bwrap, systemd];

Deno.test("one engine does what two would, and engines nest by priority", () => {
  const { chosen, assigned, uncovered } = selectEngines(
    ["network", "filesystem", "memory"],
    builtins,
  );
  assertEquals(chosen, ["systemd", "bwrap"]);
  assertEquals([...assigned], [
    ["network", "bwrap"],
    ["filesystem", "bwrap"],
    ["memory", "systemd"],
  ]);
  assertEquals(uncovered, []);
});

Deno.test("what no engine covers is uncovered, and takes nothing from the rest", () => {
  const { chosen, uncovered } = selectEngines(["processes", "network"], [landlock, systemd]);
  assertEquals([chosen, uncovered], [["landlock"], ["processes"]]);
  assertEquals(selectEngines(["cpu"], []).uncovered, ["cpu"]);
  assertEquals(selectEngines([], builtins).chosen, []);
});

Deno.test("preference decides between sets of one size, never for a larger one", () => {
  const active: Dimension[] = ["network", "memory"];
  assertEquals(selectEngines(active, builtins, ["prlimit", "landlock"]).chosen, [
    "landlock",
    "prlimit",
  ]);
  const whole = engine("whole", 99, "network", "memory");
  assertEquals(selectEngines(active, [...builtins, whole], ["prlimit", "bwrap"]).chosen, ["whole"]);
});

Deno.test("an idle engine is chosen when it is named; another that covers nothing never is", () => {
  const names = (preferred?: string[]) =>
    selectEngines(["cpu"], [...builtins, engine("broken", 5)], preferred).chosen;
  assertEquals(names(), ["systemd"]);
  assertEquals(names(["systemd", "log", "broken", "bwrap"]), ["systemd", "log"]);
  assertEquals(selectEngines([], builtins, ["log"]).chosen, ["log"]);
});

Deno.test("a dimension that two chosen engines cover is the outer one's", () => {
  const inner = engine("inner", 80, "network", "cpu");
  const outer = engine("outer", 20, "network", "memory");
  const { assigned } = selectEngines(["network", "cpu", "memory"], [inner, outer]);
  assertEquals(Object.fromEntries(assigned), { network: "outer", cpu: "inner", memory: "outer" });
});

const dimensions = fc.subarray([...baseDimensions]);

/** Few priorities, so that ties are common. */
const anyCandidates = (most: number): fc.Arbitrary<Candidate[]> =>
  fc.array(fc.tuple(dimensions, fc.constantFrom(10, 30, 50)), { maxLength: most }).map((rows) =>
    rows.map(([covers, priority], index) => engine(`e${index}`, priority, ...covers))
  );

const anyNames = fc.uniqueArray(fc.nat({ max: 9 }).map((number) => `e${number}`), { maxLength: 5 });

/** Every subset, scored by the definition, and nothing cleverer. */
function bruteForce(
  active: readonly Dimension[],
  candidates: readonly Candidate[],
  preferred: readonly string[],
): string[] {
  const scored = Array.from({ length: 2 ** candidates.length }, (_, bits) => {
    const set = candidates.filter((_, index) => bits >> index & 1);
    const covered = active.filter((dimension) => set.some(({ covers }) => covers.has(dimension)));
    const rank = ({ name }: Candidate) =>
      preferred.includes(name) ? preferred.indexOf(name) : preferred.length;
    const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b);
    return {
      set,
      score: [
        -covered.length,
        set.length,
        ascending(set.map(rank)),
        ascending(set.map(({ priority }) => priority)),
        set.map(({ name }) => name).sort(),
      ].flat(),
    };
  });
  const [best] = scored.sort((a, b) => {
    const at = a.score.findIndex((item, index) => item !== b.score[index]);
    return at < 0 ? 0 : a.score[at]! < b.score[at]! ? -1 : 1;
  });
  return best!.set
    .sort((a, b) => a.priority - b.priority || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name);
}

Deno.test("it is the best of all subsets", () => {
  fc.assert(
    fc.property(dimensions, anyCandidates(9), anyNames, (active, candidates, preferred) => {
      const { chosen } = selectEngines(active, candidates, preferred);
      assertEquals(chosen, bruteForce(active, candidates, preferred));
    }),
    { numRuns: 400 },
  );
});

Deno.test("the order of candidates and of active dimensions changes nothing", () => {
  const shuffled = anyCandidates(12).chain((all) =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray(all, { minLength: all.length }),
    )
  );
  fc.assert(
    fc.property(dimensions, shuffled, anyNames, (active, [one, other], preferred) => {
      const first = selectEngines(active, one, preferred);
      const second = selectEngines(active.toReversed(), other, preferred);
      assertEquals(second.chosen, first.chosen);
      assertEquals(second.uncovered, first.uncovered.toReversed());
      assertEquals(new Map([...second.assigned].toReversed()), first.assigned);
    }),
  );
});

Deno.test("every active dimension is assigned to a chosen engine that covers it, or uncovered", () => {
  fc.assert(
    fc.property(dimensions, anyCandidates(20), anyNames, (active, candidates, preferred) => {
      const { chosen, assigned, uncovered } = selectEngines(active, candidates, preferred);
      for (const dimension of active) {
        const able = candidates.filter(({ covers }) => covers.has(dimension));
        const name = assigned.get(dimension);
        assertEquals(uncovered.includes(dimension), able.length === 0);
        assertEquals(name === undefined, able.length === 0);
        if (name === undefined) continue;
        assert(able.some((each) => each.name === name) && chosen.includes(name));
      }
      // None is there for nothing.
      for (const name of chosen) assert([...assigned.values()].includes(name));
    }),
  );
});
