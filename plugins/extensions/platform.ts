/**
 * The extension `platform`: where and by what a command is run. Keys of its table:
 *
 * - `cwd`: a folder, relative to the project's root and inside it.
 * - `shell`: what takes the shell line as its last argument, as a text of words or as a list. Its flag may be
 *   left out: `"bash"` is `["bash", "-c"]`, `"bash -euo pipefail"` is `["bash", "-euo", "pipefail", "-c"]`.
 * - `nice`: -20 to 19; below 0 needs the right to it.
 * - `wrapper`: a program with its arguments, put in front of the shell; or a list of such, outermost first.
 * - `container`: an image, or a table; see `_container.ts`.
 *
 * What a container runs is all the rest: `docker run … IMAGE nice … WRAPPER … SHELL LINE`. Programs that
 * extensions before this one put in front of the shell stay inside of it all.
 *
 * @module
 */

import { join } from "@std/path";
import type { CommandSpec, ConfigTable, Services } from "../../src/plugin.ts";
import { containerOf, containerProblems } from "./_container.ts";
import { argvProblems, insideProblems, isText, unknownProblems } from "./_problems.ts";

const keys = ["cwd", "shell", "nice", "wrapper", "container"];

/** What is wrong with a table. */
export function validate(table: ConfigTable): string[] {
  const { cwd, shell, nice, wrapper, container } = table;
  return [
    ...unknownProblems("", table, keys),
    ...(cwd === undefined ? [] : insideProblems("cwd", cwd)),
    ...(shell === undefined ? [] : shellProblems(shell)),
    ...(nice === undefined ? [] : niceProblems(nice)),
    ...(wrapper === undefined ? [] : wrapperProblems(wrapper)),
    ...(container === undefined ? [] : containerProblems(container)),
  ];
}

function shellProblems(value: unknown): string[] {
  if (isText(value)) return value.trim() === "" ? ["shell must not be empty"] : [];
  return Array.isArray(value) ? argvProblems("shell", value) : ["shell must be a text or a list"];
}

function niceProblems(value: unknown): string[] {
  const level = Number.isInteger(value) ? value as number : NaN;
  return level >= -20 && level <= 19 ? [] : ["nice must be a whole number from -20 to 19"];
}

function wrapperProblems(value: unknown): string[] {
  if (!isNested(value)) return argvProblems("wrapper", value);
  return value.flatMap((each, index) => argvProblems(`wrapper[${index}]`, each));
}

function isNested(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some(Array.isArray);
}

/** Puts the command where the table says. */
export async function prepare(spec: CommandSpec, services: Services): Promise<CommandSpec> {
  const table = spec.extensionData.platform ?? {};
  const problems = validate(table);
  if (problems.length > 0) throw new Error(problems.join("; "));
  const { cwd, shell, nice, wrapper = [], container } = table;
  if (cwd !== undefined) spec.cwd = join(services.root, cwd as string);
  if (shell !== undefined) spec.shell = shellOf(shell as string | readonly string[]);
  spec.wrappers = [
    ...(nice === undefined ? [] : [["nice", "-n", String(nice)]]),
    ...wrappersOf(wrapper as readonly string[] | readonly (readonly string[])[]),
    ...spec.wrappers,
  ];
  if (container === undefined) return spec;
  const { argv, collector } = await containerOf(container, spec, services);
  spec.wrappers.unshift(argv);
  spec.collectors.push(collector);
  return spec;
}

/** Flags by which a shell takes its line: `-c`, alone or at the end of others, and those of a few others. */
const takesLine = /^-[A-Za-z]*c$|^--eval$|^-Command$/;

function shellOf(shell: string | readonly string[]): string[] {
  const words = typeof shell === "string" ? shell.trim().split(/\s+/) : [...shell];
  return words.length > 1 && takesLine.test(words.at(-1)!) ? words : [...words, "-c"];
}

function wrappersOf(wrapper: readonly string[] | readonly (readonly string[])[]): string[][] {
  if (wrapper.length === 0) return [];
  return isNested(wrapper)
    ? wrapper.map((each) => [...each as readonly string[]])
    : [[...wrapper as readonly string[]]];
}
