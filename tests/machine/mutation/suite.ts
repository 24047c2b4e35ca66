/** What the tests of this folder share: the seeds, and the hunt for a pass that cannot be one. */

import { assert } from "@std/assert";
import { projectRoot } from "../../support.ts";
import { judge } from "./judge.ts";
import { mutate, type Shape } from "./mutate.ts";
import { objectionTo } from "./oracle.ts";
import { Random } from "./random.ts";

/** A document of a format. */
export interface Seed {
  readonly format: string;
  /** Where it comes from, relative to its collection. */
  readonly name: string;
  readonly document: Uint8Array;
}

/** The kinds of checks a format's reports are judged as. */
export function kindsOf(format: string): readonly ("test" | "lint")[] {
  if (["generic-json", "cargo-json"].includes(format)) return ["test", "lint"];
  const isLint = /^(eslint|stylelint|rubocop|deno-lint|golangci|shellcheck)-json$|^sarif$/.test(
    format,
  );
  return [isLint ? "lint" : "test"];
}

/** Which folders of a corpus hold which format, where the name is not the format's. */
const formatOfFolder: Readonly<Record<string, string>> = {
  junit: "junit-xml",
  nunit: "nunit-xml",
  ctrf: "generic-json",
};

/** What lies in a corpus next to reports. */
const noReport = /\.expected$|^junit\/.*\.json$|^ctrf\/.*(schema|test)\.json$/;

/** The reports below a folder that has one folder a format. */
export function seedsIn(folder: string, formats: readonly string[]): Seed[] {
  const seeds: Seed[] = [];
  const walk = (inside: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${inside}`)) {
      const path = `${inside}${name}`;
      if (isDirectory) walk(`${path}/`);
      else if (path.includes("/") && !noReport.test(path)) {
        const top = path.slice(0, path.indexOf("/"));
        const format = formatOfFolder[top] ?? top;
        if (formats.includes(format)) {
          seeds.push({ format, name: path, document: Deno.readFileSync(`${folder}/${path}`) });
        }
      }
    }
  };
  walk("");
  return seeds.toSorted((one, other) => one.name < other.name ? -1 : 1);
}

/** Green documents as real tools write them. */
export const honestSeeds = (formats: readonly string[]): Seed[] =>
  seedsIn(`${projectRoot}tests/machine/mutation/seeds`, formats);

/** The project's own reports, and with `ASSAY_CORPUS` other people's. */
export function corpusSeeds(formats: readonly string[]): Seed[] {
  const shared = Deno.env.get("ASSAY_CORPUS");
  return [`${projectRoot}tests/corpus`, ...(shared ? [shared] : [])].flatMap((folder) =>
    seedsIn(folder, formats)
  );
}

/** Larger documents teach nothing that smaller ones do not, and cost the time of many. */
const largestSeed = 12_000;

/** The start of all chance: `ASSAY_MUTATION_SEED`, else the same each time. */
const seed = Number(Deno.env.get("ASSAY_MUTATION_SEED") ?? "20261128");
/** How many times as many documents as usual. */
const times = Number(Deno.env.get("ASSAY_MUTATION_TIMES") ?? "1");

/** Registers a test that mutates documents of a format and finds no pass that the oracle contradicts. */
export function hunt(format: string, shape: Shape, count: number): void {
  const total = Math.round(count * times);
  Deno.test(`${format}: no pass that the oracle contradicts, in ${total} mutated documents (seed ${seed})`, async () => {
    const honest = honestSeeds([format]);
    const other = corpusSeeds([format]).filter(({ document }) => document.length <= largestSeed);
    const others = [...honest, ...other].map(({ document }) => document);
    const found = new Map<string, { times: number; example: string }>();
    const seen = { passes: 0, objections: 0 };
    for (let number = 0; number < total; number++) {
      const random = new Random(seed, `${format} ${number}`);
      // What is green already is one change away from a false pass.
      const from = random.of(other.length > 0 && random.below(4) === 0 ? other : honest);
      const document = mutate(from.document, shape, random, others);
      const kind = random.of(kindsOf(format));
      const objection = objectionTo(format, kind, document);
      const { verdict } = await judge(format, kind, document);
      if (verdict === "pass") seen.passes++;
      if (objection) seen.objections++;
      if (verdict !== "pass" || !objection) continue;
      const rule = `${objection.kind}: ${objection.why} (${kind})`;
      const example = `${from.name}, document ${number}: ${difference(from.document, document)}`;
      const before = found.get(rule);
      const shorter = before && before.example.length <= example.length ? before.example : example;
      found.set(rule, { times: (before?.times ?? 0) + 1, example: shorter });
    }
    const rules = [...found].map(([rule, { times, example }]) =>
      `${times} × ${rule}\n    ${example}`
    );
    const hint = `run again with ASSAY_MUTATION_SEED=${seed}`;
    assert(
      rules.length === 0,
      `${format}: passes that cannot be, by rule; ${hint}\n  ${rules.join("\n  ")}`,
    );
    // The hunt itself: it must make documents of both sorts.
    assert(
      seen.objections > total / 4,
      `${format}: ${seen.objections} of ${total} documents are bad`,
    );
    assert(
      format === "text" || seen.passes > total / 50,
      `${format}: ${seen.passes} of ${total} documents pass`,
    );
  });
}

/** What a mutation changed: the text between what both documents begin and end with. */
export function difference(from: Uint8Array, to: Uint8Array): string {
  const [before, after] = [from, to].map((bytes) => new TextDecoder().decode(bytes)) as [
    string,
    string,
  ];
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  const part = (text: string) => text.slice(Math.max(0, start - 60), text.length - end + 30);
  return `${JSON.stringify(part(before).slice(0, 400))} became ${
    JSON.stringify(part(after).slice(0, 400))
  }`;
}
