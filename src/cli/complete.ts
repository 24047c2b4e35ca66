/**
 * `assay __complete -- [WORD …] CURRENT`: the candidates for the word at the cursor, for the scripts of
 * `assay completions`. The first line is the kind of completion (`words`, `file`, `folder`, `program`), the second
 * the part of the word that stays (`--reporter=`), then names follow, each with a description after a tab.
 * The shell picks those that match. It only reads, and prints no errors.
 */

import { resolve } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { findRoot } from "../config/find_root.ts";
import { type KnownName, type KnownNames, knownNames } from "../config/names.ts";
import { ExitCode } from "../errors.ts";
import type { Run } from "../model.ts";
import { recentRuns } from "../store/query.ts";
import { clean } from "../text/clean.ts";
import { truncate } from "../text/words.ts";
import { topicsOf } from "./help.ts";
import {
  type Arguments,
  type Call,
  type Flag,
  looseOptions,
  type Named,
  resultFormats,
  type Takes,
  type Verb,
} from "../commands/types.ts";

/** How many recent runs are offered, with their attempts. */
const runsOffered = 20;

/** Time limit for finding which runners apply, in milliseconds; after it all are offered. */
const detectMs = 400;

export async function run(call: Call): Promise<ExitCode> {
  const before = call.rest.slice(0, -1);
  const { takes, head } = placeOf(call.verbs, before, call.rest.at(-1) ?? "");
  try {
    const isKind = takes === "file" || takes === "folder" || takes === "program";
    const found = isKind || takes === "text" || takes === "number"
      ? []
      : typeof takes === "string"
      ? await listers[takes]({ ...call, rest: before })
      : takes;
    call.io.stdout.write([`${isKind ? takes : "words"}\n${head}\n`, ...found.map(lineOf)].join(""));
  } catch {
    // An error message would land in the middle of the user's typing.
  }
  return ExitCode.ok;
}

/** What may follow a verb, a part of one, or an empty line. */
interface Context extends Arguments {
  readonly name: string;
  readonly text: string;
  readonly flags: readonly Flag[];
  readonly parts?: readonly Context[];
}

const help: Flag = { name: "help", type: "boolean", text: "show usage, options and examples" };
const version: Flag = { name: "version", type: "boolean", text: "print the version" };
const everywhere: readonly Flag[] = [
  help,
  { name: "no-color", type: "boolean", text: "write without colours" },
];

function contextOf({ parts, ...verb }: Verb): Context {
  const flags = [...verb.flags, ...everywhere];
  const inner = parts?.map((part) => ({
    ...part,
    flags: flags.filter(({ parts = [part.name] }) => parts.includes(part.name)),
  }));
  return { ...verb, text: verb.summary, flags, ...inner ? { parts: inner } : {} };
}

/** What the word at the cursor is, given the words before it, and the part of it that stays. */
function placeOf(
  verbs: readonly Verb[],
  before: readonly string[],
  current: string,
): { readonly takes: Exclude<Takes, object> | readonly KnownName[]; readonly head: string } {
  const about = "what assay can do, or assay help VERB";
  let context: Context = {
    name: "assay",
    text: "",
    flags: [help, version],
    parts: [
      ...verbs.map(contextOf),
      { name: "help", text: about, flags: [], takes: ["topic"] },
    ],
  };
  let count = 0;
  let option: Flag | undefined;
  const flagOf = (name?: string) => context.flags.find((flag) => name === `--${flag.name}`);
  for (const word of before) {
    const part = count === 0 ? context.parts?.find(({ name }) => name === word) : undefined;
    if (option) option = undefined;
    else if (word === "--") return { takes: context.rest ?? "text", head: "" };
    else if (/^-./.test(word)) {
      const flag = flagOf(word);
      option = flag && /^(string|list)$/.test(flag.type) ? flag : undefined;
    } else if (part) [context, count] = [part, 0];
    else count++;
  }
  if (option) return placeIn(option.takes, current, "");
  const assigned = /^--[^=]+(?==)/.exec(current)?.[0];
  if (assigned) return placeIn(flagOf(assigned)?.takes, current, `${assigned}=`);
  if (current.startsWith("-")) {
    const isOpen = ({ name, type }: Flag) =>
      type === "list" || type === "optional" ||
      !before.some((word) => word === `--${name}` || word.startsWith(`--${name}=`));
    const named = ({ name, text }: Flag) => ({ name: `--${name}`, about: text });
    return { takes: context.flags.filter(isOpen).map(named), head: "" };
  }
  if (count === 0 && context.parts) {
    return { takes: context.parts.map(({ name, text }) => ({ name, about: text })), head: "" };
  }
  return placeIn(context.takes?.[count] ?? context.more, current, "");
}

/** The same where the kind of the rest of the word is known. */
function placeIn(takes: Takes = "text", current: string, head: string): ReturnType<typeof placeOf> {
  if (typeof takes === "string") return { takes, head };
  if (!("name" in takes)) return { takes: plain(takes), head };
  const name = /^([^=]*)=/.exec(current.slice(head.length))?.[1];
  if (name === undefined) return { takes: plain(takes.name), head };
  return { takes: takes.name.includes(name) ? takes.value : "text", head: `${head}${name}=` };
}

const listers: Readonly<Record<Named, (call: Call) => Promise<KnownName[]> | KnownName[]>> = {
  annotator: ({ builtins }) => plain(builtins.annotators.map(({ name }) => name)),
  command: async (call) => {
    const names = await namesOf(call);
    return [...names.commands, ...await applying(call, names)];
  },
  format: ({ builtins }) =>
    builtins.parsers.map(({ format, description }) => ({ name: format, about: description })),
  parameter: async (call) => {
    const { project } = await namesOf(call);
    const command = project?.commands.find(({ id }) => call.rest.includes(id));
    return Object.entries(command?.defaults ?? {})
      .map(([name, value]) => ({ name: `${name}=`, about: `default: ${value}` }));
  },
  plugin: async (call) => plain((await namesOf(call)).plugins),
  reference: async (call) =>
    referencesOf(await recentRuns(call.io, await rootOf(call), runsOffered)),
  "result-format": ({ builtins }) => plain(resultFormats(builtins.parsers)),
  run: async (call) => runsOf(await recentRuns(call.io, await rootOf(call), runsOffered)),
  runner: async (call) => [...await applying(call, await namesOf(call))],
  schema: async () => plain((await import("../commands/schema.ts")).schemaNames),
  topic: ({ verbs, builtins }) =>
    [...verbs, ...topicsOf(builtins)].map(({ name, summary }) => ({ name, about: summary })),
};

function plain(names: readonly string[]): KnownName[] {
  return names.map((name) => ({ name, about: "" }));
}

/** A name with a line end in it cannot be offered. */
function lineOf({ name, about }: KnownName): string {
  // deno-lint-ignore no-control-regex -- what a terminal would interpret
  if (/[\x00-\x1f\x7f]/.test(name)) return "";
  const said = truncate(clean(about), 80);
  return said === "" ? `${name}\n` : `${name}\t${said}\n`;
}

/** The project of the typed words, which may contain `--root`. */
async function rootOf({ io, rest }: Call): Promise<string> {
  const at = rest.findIndex((word) => word === "--root" || word.startsWith("--root="));
  if (at < 0) return await findRoot(io, io.cwd);
  const given = rest[at] === "--root" ? rest[at + 1] ?? "." : rest[at]!.slice("--root=".length);
  return await io.fs.realPath(resolve(io.cwd, given));
}

async function namesOf(call: Call): Promise<KnownNames> {
  return await knownNames(call.io, await rootOf(call), looseOptions(call.builtins));
}

/** Runners that apply, if found quickly. */
async function applying(
  { io }: Call,
  { project, runners }: KnownNames,
): Promise<readonly KnownName[]> {
  if (!project) return runners;
  const late = new AbortController();
  const detections = await Promise.race([
    detectAll(io, project),
    io.sleep(detectMs, late.signal).then(() => undefined, () => undefined),
  ]);
  late.abort();
  const applies = detections?.filter(({ detected }) => detected).map(({ def }) => def.id);
  return applies ? runners.filter(({ name }) => applies.includes(name)) : runners;
}

function referencesOf(runs: readonly Run[]): KnownName[] {
  const attempts = runs.flatMap(({ attempts }) => attempts);
  const failed = attempts.find(({ verdict }) => verdict === "fail");
  return [
    ...failed ? [{ name: "@failed", about: `the newest failure: ${failed.ref}` }] : [],
    ...attempts.map(({ ref, verdict, command }) => ({
      name: ref,
      about: `${verdict}: ${command}`,
    })),
    ...[...new Set(attempts.map(({ name: id }) => id))]
      .map((id) => ({ name: id, about: `the newest attempt of ${id}` })),
    ...attempts.slice(0, 1).map(({ ref }) => ({
      name: "~1",
      about: `the newest run, with ${ref}`,
    })),
  ];
}

function runsOf(runs: readonly Run[]): KnownName[] {
  const said = ({ verb, recommendation, state, started_at }: Run) =>
    `${verb}: ${state === "finished" ? recommendation : state}, ${started_at}`;
  return [
    ...runs.map((run, index) => ({ name: `~${index + 1}`, about: said(run) })),
    ...runs.map((run) => ({ name: run.run_id, about: said(run) })),
  ];
}
