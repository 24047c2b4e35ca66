import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Grade } from "../model.ts";
import type { SandboxSpec } from "../plugin.ts";
import { gradeOf, grades } from "./coverage.ts";

const cases: readonly [SandboxSpec, Grade][] = [
  [{}, "open"],
  [{ processes: "isolated", memory: 1, pids: 1, paths_hidden: ["/x"] }, "open"],
  [{ network: "unrestricted", filesystem: "unrestricted" }, "open"],
  [{ network: "none" }, "broad"],
  [{ filesystem: "readonly", processes: "isolated" }, "broad"],
  [{ network: "hosts", filesystem: "readonly" }, "broad"],
  [{ network: "none", filesystem: "readonly" }, "pinhole"],
  [{ network: "none", filesystem: "readonly", processes: "isolated" }, "sealed"],
  [{ network: "localhost", filesystem: "readonly", processes: "isolated" }, "pinhole"],
  [
    { network: "hosts", hosts: ["a"], filesystem: "readonly", processes: "isolated" },
    "pinhole",
  ],
  [{ network: "none", filesystem: "scoped_write", processes: "isolated" }, "pinhole"],
  [{ network: "none", filesystem: "workspace_only", processes: "isolated" }, "scoped"],
  [{ network: "localhost", filesystem: "workspace_only" }, "scoped"],
];

for (const [enforced, grade] of cases) {
  Deno.test(`grade of ${JSON.stringify(enforced)} is ${grade}`, () => {
    assertEquals(gradeOf(enforced), grade);
  });
}

/** Values of each key, from the widest to the tightest; `undefined` is nothing enforced. */
const scales: { readonly [K in keyof SandboxSpec]-?: readonly (SandboxSpec[K] | undefined)[] } = {
  network: [undefined, "unrestricted", "hosts", "localhost", "none"],
  hosts: [undefined, ["a", "b"], ["a"], []],
  filesystem: [undefined, "unrestricted", "workspace_only", "scoped_write", "readonly"],
  paths_writable: [["/a", "/b"], ["/a"], [], undefined],
  paths_readable: [["/a", "/b"], ["/a"], [], undefined],
  paths_hidden: [undefined, [], ["/a"], ["/a", "/b"]],
  processes: [undefined, "visible", "isolated"],
  pids: [undefined, 100, 1],
  timeout: [undefined, 100, 1],
  cpu: [undefined, 100, 1],
  memory: [undefined, 100, 1],
  tmpfs: [undefined, [], ["/tmp"]],
  env: [undefined, "inherit", ["A"], "clean"],
};

const keys = Object.keys(scales) as (keyof SandboxSpec)[];

/** A place on each scale. */
const levels = fc.tuple(...keys.map((key) => fc.nat({ max: scales[key].length - 1 })));

function specOf(places: readonly number[]): SandboxSpec {
  return Object.fromEntries(
    keys.map((key, index) => [key, scales[key][places[index]!]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

function rank(places: readonly number[]): number {
  return grades.indexOf(gradeOf(specOf(places)));
}

Deno.test("the grade is monotone: tightening any key never widens it, loosening never tightens it", () => {
  fc.assert(
    fc.property(levels, (places) => {
      const before = rank(places);
      keys.forEach((key, index) => {
        for (const other of scales[key].keys()) {
          const after = rank(places.with(index, other));
          const change = `${key} of ${JSON.stringify(specOf(places))}`;
          if (other > places[index]!) assert(after <= before, change);
          if (other < places[index]!) assert(after >= before, change);
        }
      });
    }),
    { numRuns: 500 },
  );
});
