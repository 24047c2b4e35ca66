/** The table of verbs as completion sees it: what may stand at each place of the command line. */

import type { Arguments, Flag, Part, Takes, Verb } from "../types.ts";

/** A word with what it is. */
export interface Word {
  readonly word: string;
  readonly text: string;
}

/** What a verb, or a part of one, or nothing yet, may be followed by. */
export interface Context extends Arguments {
  /** Such as `plugin add`; empty before the verb. */
  readonly path: string;
  readonly flags: readonly Flag[];
  /** The words of the first place, where they lead to contexts of their own. */
  readonly words?: readonly Word[];
  readonly rest?: "program";
}

const everywhere: readonly Flag[] = [
  { name: "help", type: "boolean", text: "show usage, options and examples" },
  { name: "no-color", type: "boolean", text: "write without colours" },
];

/** Every context there is. */
export function contextsOf(verbs: readonly Verb[]): readonly Context[] {
  const help = { name: "help", summary: "what assay can do, or assay help VERB" };
  const words = [...verbs, help].map(({ name, summary }) => ({ word: name, text: summary }));
  return [
    { path: "", flags: [{ ...everywhere[0]! }, version], words },
    { path: "help", flags: [], takes: ["topic"] },
    ...verbs.flatMap((
      verb,
    ) => [ofVerb(verb), ...(verb.parts ?? []).map((part) => ofPart(verb, part))]),
  ];
}

const version: Flag = { name: "version", type: "boolean", text: "print the version" };

function ofVerb({ name, flags, takes, more, parts, rest }: Verb): Context {
  return {
    path: name,
    flags: [...flags, ...everywhere],
    ...parts ? { words: parts.map(({ name: word, text }) => ({ word, text })) } : {},
    ...takes ? { takes } : {},
    ...more ? { more } : {},
    ...rest ? { rest } : {},
  };
}

function ofPart({ name, flags }: Verb, { name: part, takes, more, without = [] }: Part): Context {
  return {
    path: `${name} ${part}`,
    flags: [...flags, ...everywhere].filter((flag) => !without.includes(flag.name)),
    ...takes ? { takes } : {},
    ...more ? { more } : {},
  };
}

/** Whether it is a closed list of words. */
export function isWords(takes: Takes): takes is readonly string[] {
  return Array.isArray(takes);
}

/** Whether it is a name that may be followed by `=` and a file. */
export function isAssignment(
  takes: Takes,
): takes is { readonly name: readonly string[]; readonly value: "file" } {
  return typeof takes === "object" && !isWords(takes);
}

/** Whether its value is a word of its own: `--name VALUE`. */
export function takesNextWord({ type }: Flag): boolean {
  return type === "string" || type === "list";
}

/** A word in quotes that every POSIX shell reads alike. */
export function quoted(word: string): string {
  return /^[\w./=:+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
