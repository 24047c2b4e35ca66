/**
 * What must hold of every file of the project, whatever its language: no path of one developer's
 * machine, no source file above 500 lines, no imports in a circle. Prints `file:line: rule` and exits 1.
 *
 * @module
 */

import { circlesIn, importsIn, importsOfOwnMod } from "./circles.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Folders that hold no files of the project's own: tools made them. */
const skipped = [".git", "node_modules", "dist", "runs", "coverage", "locks", "tmp"];

/** The same for files. */
const made = /^assay\.db/;

/** Spelt in two parts so that this file does not break its own rule. */
const sharedFolder = "../sha" + "red";
const machinePath = new RegExp("(?<![\\w$}.-])/wo" + "rk/(main|shared|\\.library)\\b");

/** Which file may break which rule, and why it must. */
const exceptions: readonly { rule: string; file: string; reason: string }[] = [
  {
    rule: "no-shared-folder",
    file: ".ci/run",
    reason: "it hands the corpus and the compile runtime to the tests by the environment",
  },
];

const longestFile = 500;

/** One line that breaks a rule. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
}

/** Checks one file's text. */
export function problemsOf(file: string, text: string): Problem[] {
  const lines = text.split("\n");
  const problems: Problem[] = lines.flatMap((line, index) => {
    const rules = [
      ...(line.includes(sharedFolder) ? ["no-shared-folder"] : []),
      ...(machinePath.test(line) ? ["no-machine-path"] : []),
    ];
    return rules.map((rule) => ({ file, line: index + 1, rule }));
  });
  if (file.endsWith(".ts") && lines.length - 1 > longestFile) {
    problems.push({ file, line: lines.length - 1, rule: "at-most-500-lines" });
  }
  return problems.filter((problem) =>
    !exceptions.some((each) => each.rule === problem.rule && each.file === problem.file)
  );
}

async function* files(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(root + folder)) {
    if (skipped.includes(entry.name)) continue;
    if (entry.isDirectory) yield* files(`${folder}${entry.name}/`);
    else if (entry.isFile && !made.test(entry.name)) yield folder + entry.name;
  }
}

/** Files of the program itself, whose imports must run one way. */
const isSource = (file: string) =>
  /^(?:src|plugins)\/.*(?<!_test|\/_testing|_testing)\.ts$/.test(file);

if (import.meta.main) {
  const decoder = new TextDecoder();
  const found: string[] = [];
  const imports = new Map<string, readonly string[]>();
  for await (const file of files("")) {
    const text = decoder.decode(await Deno.readFile(root + file));
    found.push(...problemsOf(file, text).map(({ line, rule }) => `${file}:${line}: ${rule}`));
    if (isSource(file)) imports.set(file, importsIn(file, text));
  }
  found.push(
    ...circlesIn(imports).map((circle) => `imports in a circle: ${circle}`),
    ...importsOfOwnMod(imports).map((each) => `an import of the folder's own mod.ts: ${each}`),
  );
  for (const each of found) console.error(each);
  if (found.length > 0) Deno.exit(1);
}
