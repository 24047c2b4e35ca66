/**
 * `assay __complete WHAT -- [WORD …]`: the names that a word may be, each on a line, after a tab what it is.
 * The scripts of `assay completions` call it with the words before the cursor. It reads and nothing else,
 * and whatever goes wrong, it says nothing.
 */

import { resolve } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { findRoot } from "../config/find_root.ts";
import { type KnownName, type KnownNames, knownNames } from "../config/names.ts";
import { ExitCode } from "../errors.ts";
import type { Run } from "../model.ts";
import { recentRuns } from "../store/recent.ts";
import { resultFormats } from "./_formats.ts";
import { topicsOf } from "./topics.ts";
import type { Call, Named } from "./types.ts";

/** How far back runs and their attempts are offered. */
const runsOffered = 20;

/** Which runners apply is looked up for so long, in milliseconds; then all are offered. */
const detectMs = 400;

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  try {
    const [what] = call.args;
    const list = listers[what as Named];
    const found = list ? await list(call) : [];
    call.io.stdout.write(found.map(lineOf).join(""));
  } catch {
    // Somebody is typing: an error here would stand in the middle of what he writes.
  }
  return ExitCode.ok;
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
  schema: async () => plain((await import("./schema.ts")).schemaNames),
  topic: ({ verbs, builtins }) =>
    [...verbs, ...topicsOf(builtins)].map(({ name, summary }) => ({ name, about: summary })),
};

function plain(names: readonly string[]): KnownName[] {
  return names.map((name) => ({ name, about: "" }));
}

/** A name with a line end in it cannot be offered. */
function lineOf({ name, about }: KnownName): string {
  // deno-lint-ignore no-control-regex -- what a terminal would obey
  if (/[\x00-\x1f\x7f]/.test(name)) return "";
  // deno-lint-ignore no-control-regex -- likewise
  const said = about.replace(/[\x00-\x1f\x7f\s]+/g, " ").trim().slice(0, 80);
  return said === "" ? `${name}\n` : `${name}\t${said}\n`;
}

/** The project of the words that are typed, which may say `--root`. */
async function rootOf({ io, rest }: Call): Promise<string> {
  const at = rest.findIndex((word) => word === "--root" || word.startsWith("--root="));
  if (at < 0) return await findRoot(io, io.cwd);
  const given = rest[at] === "--root" ? rest[at + 1] ?? "." : rest[at]!.slice("--root=".length);
  return await io.fs.realPath(resolve(io.cwd, given));
}

async function namesOf(call: Call): Promise<KnownNames> {
  const { io, builtins } = call;
  const keyOf = builtins.extensions.map(({ configKey, name }) => [configKey, name] as const);
  return await knownNames(io, await rootOf(call), {
    builtins: builtins.runners,
    knownFormats: resultFormats(builtins.parsers),
    engines: builtins.engines.map(({ name }) => name),
    extensions: {
      keys: keyOf.map(([key]) => key),
      names: Object.fromEntries(keyOf),
      validate: () => Promise.resolve([]),
    },
  });
}

/** Runners that apply, where that is soon known. */
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
  const attempts = runs.flatMap(({ runners }) => runners);
  const failed = attempts.find(({ verdict }) => verdict === "fail");
  return [
    ...failed ? [{ name: "@failed", about: `the newest failure: ${failed.ref}` }] : [],
    ...attempts.map(({ ref, verdict, command }) => ({
      name: ref,
      about: `${verdict}: ${command}`,
    })),
    ...[...new Set(attempts.map(({ id }) => id))]
      .map((id) => ({ name: id, about: `the newest attempt of ${id}` })),
    ...attempts.slice(0, 1).map(({ ref }) => ({ name: "~1", about: `the newest attempt: ${ref}` })),
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
