/**
 * The parts of the README and of the hand-written documents that are generated from the program: the formats, the
 * reporters, what was found enforced, and the demo's output. `deno task docs` renews the tables,
 * `deno run -A tests/tools/readme.ts` the demo; a test holds them current.
 *
 * @module
 */

import { builtins } from "../../plugins/mod.ts";
import { code, table } from "./_markdown.ts";
import { reporters } from "../../src/report/reporters/mod.ts";
import type { Matrix } from "../machine/escape/_matrix.ts";
import { guaranteesTable } from "../machine/escape/_table.ts";
import { assayCommand, copyExample, isolatedEnv, run, textOf, withFolder } from "../support.ts";

/** What the escape suite measured: `tests/machine/escape/measure.ts --write` renews it. */
const matrix: Matrix = JSON.parse(
  Deno.readTextFileSync(new URL("../machine/escape/matrix.json", import.meta.url)),
);

export const readme = new URL("../../README.md", import.meta.url);

/** A generated section: the document it is in, the name in its markers, and its text. */
export interface Section {
  readonly file: string;
  readonly name: string;
  readonly text: string;
}

/** The generated tables of the hand-written documents. */
export function sections(): Section[] {
  const formats = builtins.parsers.filter(({ holds }) => holds !== "nothing")
    .map(({ format, description }) => [code(format), description]);
  const exitCode = "no report: the exit code decides (the default; a test must declare it)";
  return [
    {
      file: "docs/runners.md",
      name: "formats",
      text: table(
        ["`result_format`", "what it reads"],
        [...formats, [code("exit-code"), exitCode]],
      ),
    },
    {
      file: "docs/reports.md",
      name: "reporters",
      text: table(
        ["NAME", "what it writes", "usual file"],
        reporters.map(({ name, description, ending }) => [
          code(name),
          description,
          code(`.${ending}`),
        ]),
      ),
    },
    { file: "docs/sandbox.md", name: "guarantees", text: guaranteesTable(matrix) },
  ];
}

/** What `deno task demo` prints, in a copy of the example in a repository of its own. */
export async function demo(): Promise<string> {
  return await withFolder(async (folder) => {
    await copyExample("deno-app", `${folder}/deno-app`);
    const place = { cwd: `${folder}/deno-app`, env: isolatedEnv(`${folder}/home`) };
    const commit =
      "git init -q -b main && git add -A && git -c user.name=a -c user.email=a@b commit -qm x";
    await run(["sh", "-c", commit], place);
    const { stdout } = await run([...assayCommand(), "verify", "--jobs", "1"], place);
    return `\`\`\`text\n${textOf(stdout).trimEnd()}\n\`\`\``;
  });
}

/** The same with what differs from run to run taken out. */
export function steady(text: string): string {
  return text.replaceAll(/\b(?:\d+m )?\d+(?:\.\d+)?m?s\b/g, "0s").replaceAll(/ {2,}/g, "  ")
    .replaceAll(/\b[0-9A-HJKMNP-TV-Z]{26}\b/g, "RUN")
    .replace(/ main [0-9a-f]{7}/, " main COMMIT");
}

/** Puts `text` between the markers of `name`. */
export function withSection(document: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the document has no markers for "${name}"`);
  return `${document.slice(0, from + begin.length)}\n${text}\n${document.slice(to)}`;
}

if (import.meta.main) {
  const document = withSection(await Deno.readTextFile(readme), "demo", await demo());
  await Deno.writeTextFile(readme, document);
}
