/** The only path from the command line to a verb, and from its result or error to an exit code. */

import { parseArgs } from "@std/cli/parse-args";
import { completeVerb, renamed, verbs } from "./verbs.ts";
import { keepOnly, loading, speaking } from "../commands/privilege.ts";
import {
  type Builtins,
  type Call,
  everything,
  type Flag,
  type LoadModules,
  type Part,
  type Takes,
  type Verb,
} from "../commands/types.ts";
import { didYouMean, nearest } from "../text/did_you_mean.ts";
import { Blocked, ExitCode, missingPermission, usageError, UserError } from "../errors.ts";
import { mustRebuild, storeFailure } from "../failure.ts";
import type { Io } from "../io.ts";

/** Columns assumed where there is no terminal to ask. */
const plainColumns = 100;

/** As wide as the terminal, or as COLUMNS says where there is none. */
function columnsOf(io: Io): number {
  const set = Number(io.env("COLUMNS"));
  return io.columns() ?? (set >= 20 && set <= 1000 ? Math.floor(set) : plainColumns);
}

/** Loads the built-ins: `--version` needs none of them. */
type LoadBuiltins = () => Promise<Omit<Builtins, "version">>;

/** The arguments by the names of their flags. */
interface Parsed {
  readonly [flag: string]: unknown;
  readonly _: readonly (string | number)[];
  readonly "--"?: readonly string[];
}

/** Runs the verb that the arguments name. Never throws. */
export async function main(io: Io, version: string, load: LoadBuiltins): Promise<ExitCode> {
  try {
    return await dispatch(io, version, load);
  } catch (error) {
    // What a system call refuses is no bug, wherever it was met.
    return await fail(io, version, missingPermission(error) ?? storeFailure(error, "continue"));
  }
}

async function dispatch(io: Io, version: string, load: LoadBuiltins): Promise<ExitCode> {
  const [name, ...args] = io.args;
  const wantsHelp = args.slice(0, endOfFlags(args)).some((arg) => arg === "--help" || arg === "-h");
  const asked = [...verbs, completeVerb].find((verb) => verb.name === name);
  keepOnly(io, !asked || wantsHelp ? speaking : asked.loads ? loading : asked.needs);
  if (name === "--version" || name === "-V" || name === "version") {
    io.stdout.write(`assay ${version} (${io.runtime})\n`);
    return ExitCode.ok;
  }
  const builtins = { version, ...await load() };
  if (name === undefined || name === "help" || name === "--help" || name === "-h" || wantsHelp) {
    const { help, topicsOf } = await import("./help.ts");
    const topic = wantsHelp ? name : args[0];
    // A topic, or a verb.
    const about = topic === undefined
      ? undefined
      : topicsOf(builtins).find((each) => each.name === topic) ?? findVerb(topic);
    io.stdout.write(help(about, verbs, builtins, columnsOf(io)));
    return ExitCode.ok;
  }
  if (name.startsWith("-")) {
    const why = `The option "${name}" comes before the verb: write it after`;
    throw usageError(why, `assay VERB ${name}; assay help lists the verbs`);
  }
  const verb = asked ?? findVerb(name);
  const ends: (() => void)[] = [];
  let mend: (() => Promise<unknown>) | undefined;
  const call: Call = {
    ...callOf(io, builtins, verb, args),
    atEnd: (act) => ends.push(act),
    mend: (act) => mend ??= act,
  };
  const loads = loadsModules(call);
  if (!loads) keepOnly(io, verb.needs);
  const part = verb.parts?.find((each) => each.name === call.part);
  const { run } = await (part ?? verb).load!();
  // Loaded with the first module plugin: most projects have none.
  const modules: LoadModules = async (...plugins) =>
    await (await import("../commands/_loading.ts")).loaderFor(call)(...plugins);
  const answer = () => run(loads ? { ...call, loadModules: modules } : call);
  try {
    return await answer().catch(async (error) => {
      if (!mend || !mustRebuild(error)) throw error;
      await mend();
      return await answer();
    });
  } finally {
    for (const end of ends.toReversed()) end();
  }
}

/** Whether this call may run code of module plugins. */
function loadsModules({ verb: { loads = [] }, part, flag }: Call): boolean {
  if (loads === true) return true;
  return loads.some((each) => each.startsWith("--") ? flag(each.slice(2)) : each === part);
}

function endOfFlags(args: readonly string[]): number {
  const end = args.indexOf("--");
  return end < 0 ? args.length : end;
}

function findVerb(name: string): Verb {
  const verb = verbs.find((each) => each.name === name);
  if (verb) return verb;
  const instead = renamed[name];
  if (instead) throw usageError(`Unknown verb "${name}"`, `use ${instead}`);
  const guess = didYouMean(name, verbs.map((each) => each.name));
  throw usageError(`Unknown verb "${name}"${guess}`, "assay help lists the verbs");
}

function callOf(
  io: Io,
  builtins: Builtins,
  verb: Verb,
  args: readonly string[],
): Omit<Call, "atEnd" | "mend"> {
  const lists = [...names(verb, "list"), ...names(verb, "optional")];
  const parsed: Parsed = parseArgs(withMarkedValues(verb, args), {
    boolean: ["no-color", ...names(verb, "boolean")],
    string: ["_", ...names(verb, "string"), ...lists],
    collect: lists,
    "--": true,
    unknown: (arg: string) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      throw unknownFlag(verb, arg);
    },
  });
  const json = parsed.json === true;
  return {
    ...{ io, verb, verbs, builtins },
    ...wordsOf(
      verb,
      builtins.parsers.map(({ format }) => format),
      parsed._.map(String),
      parsed["--"] ?? [],
      (part) => {
        checkValues(verb, part, parsed);
      },
    ),
    json,
    color: wantsColor(io) && parsed["no-color"] !== true && !json,
    columns: columnsOf(io),
    // An `optional` one is a list of its values.
    flag: (name) => [parsed[name] ?? false].flat().some((value) => value !== false),
    value: (name) => parsed[name] as string | undefined,
    list: (name) => (parsed[name] as string[] | undefined) ?? [],
  };
}

/** The selected part, and its arguments, checked in number and kind. */
function wordsOf(
  verb: Verb,
  formats: readonly string[],
  before: readonly string[],
  after: readonly string[],
  checkFlags: (part?: Part) => void,
): Pick<Call, "part" | "args" | "rest"> {
  const usage = (problem: string) => usageError(`assay ${problem}`, `usage: ${verb.usage}`);
  const [word = verb.part, ...others] = before;
  const parts = verb.parts?.map(({ name }) => name) ?? [];
  const part = verb.parts?.find(({ name }) => name === word);
  if (verb.parts && !part) {
    if (word === undefined) throw usage(`${verb.name} needs a subcommand: ${parts.join(", ")}`);
    throw usage(`${verb.name} has no "${word}"${didYouMean(word, parts)}`);
  }
  checkFlags(part);
  const name = part ? `${verb.name} ${part.name}` : verb.name;
  const { takes = [], optional, more, rest } = part ?? verb;
  const args = [...part ? others : before, ...rest ? [] : after];
  const usual = part ? (part.usage ?? "").split(" ") : verb.usage.split(" ").slice(2);
  const isOther = rest === "program" && after.length > 0;
  if (isOther && args.length > 0) {
    throw usage(`${name} takes a name, or a command after --, not both`);
  }
  if (args.length < takes.length && !optional && !isOther) {
    const other = rest === "program" ? ", or a command after --" : "";
    const [like] = verb.examples.map(([line]) => line)
      .filter((line) => line.startsWith(`assay ${name} `) && !/ -/.test(line));
    // `parse FILE`: what is missing is the format.
    const isFile = takes[0] === "format" && args[0] !== undefined && !formats.includes(args[0]);
    if (isFile) {
      const problem = `assay ${name} needs FORMAT before FILE: "${args[0]}" is not a format`;
      throw usageError(
        problem + didYouMean(args[0]!, formats),
        `as in ${like}; assay help formats lists them`,
      );
    }
    throw usage(`${name} needs ${usual[args.length]}${other}${like ? `, as in ${like}` : ""}`);
  }
  if (args.length > takes.length && more === undefined) {
    const most = takes.length === 1 ? "one argument" : `${takes.length || "no"} arguments`;
    throw usage(`${name} takes ${most}, found "${args[takes.length]}"`);
  }
  args.forEach((arg, index) => checkWord(name, takes[index] ?? more, arg));
  return { ...part ? { part: part.name } : {}, args, rest: rest ? after : [] };
}

/** Checks what can be checked by the table of verbs, before the verb is called. */
function checkWord(name: string, takes: Takes = "text", word: string): void {
  if (takes === "number" && !/^[1-9]\d{0,5}$/.test(word)) {
    throw usageError(`${name} ${word}: expected a whole number from 1 to 999999`);
  }
  if (typeof takes === "string" || "name" in takes || takes.includes(word)) return;
  const why = `${name.startsWith("-") ? name : `assay ${name}`}: unknown value "${word}"${
    didYouMean(word, takes)
  }`;
  throw usageError(why, `expected one of ${takes.join(", ")}`);
}

/** Gives an `optional` flag without a value a marker value, so that it does not take the next word. */
function withMarkedValues(verb: Verb, args: readonly string[]): string[] {
  const end = endOfFlags(args);
  return args.map((arg, index) => {
    if (index >= end) return arg;
    for (const flag of verb.flags.filter(({ type }) => type === "optional")) {
      if (arg === `--${flag.name}`) return `${arg}=${everything}`;
      if (arg === `--${flag.name}=`) throw valueMissing(verb, flag);
    }
    return arg;
  });
}

function names(verb: Verb, type: Flag["type"]): string[] {
  return verb.flags.filter((flag) => flag.type === type).map((flag) => flag.name);
}

function unknownFlag(verb: Verb, arg: string): UserError {
  const name = arg.replace(/^-+/, "").replace(/=.*/s, "");
  const meant = nearest(name, verb.flags.map((flag) => flag.name));
  const guess = meant ? `; did you mean "--${meant}"?` : "";
  const instead = renamed[`${verb.name} ${arg}`];
  return usageError(
    `assay ${verb.name} has no option "${arg}"${instead ? "" : guess}`,
    instead ? `use ${instead}` : `assay help ${verb.name} lists its options`,
  );
}

/** Refuses options that the part does not take, and values that the option does not. */
function checkValues(
  verb: Verb,
  part: Part | undefined,
  parsed: Readonly<Record<string, unknown>>,
): void {
  if (parsed.quiet && parsed.verbose) {
    throw usageError("--quiet and --verbose contradict each other", "give one");
  }
  for (const flag of verb.flags) {
    const values = [parsed[flag.name] ?? []].flat();
    const isGiven = values.some((value) => value !== false);
    if (part && isGiven && flag.parts?.includes(part.name) === false) {
      const why = `assay ${verb.name} ${part.name} does not take --${flag.name}`;
      throw usageError(why, `assay help ${verb.name} lists the options`);
    }
    if (flag.type === "boolean") continue;
    for (const value of values) {
      if (typeof value !== "string" || value === "") throw valueMissing(verb, flag);
      checkWord(`--${flag.name}`, flag.takes, value);
    }
    if (flag.type === "string" && values.length > 1) {
      throw usageError(`--${flag.name} is given ${values.length} times`);
    }
  }
}

function valueMissing({ name }: Verb, flag: Flag): UserError {
  const value = `${flag.type === "optional" ? "=" : " "}${flag.value ?? "VALUE"}`;
  const why = `--${flag.name} needs a value: --${flag.name}${value}`;
  return usageError(why, `assay help ${name} lists its options`);
}

/** https://no-color.org: any value that is not empty switches colour off. */
function wantsColor(io: Io): boolean {
  return io.stdout.isTerminal && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
}

async function fail(io: Io, version: string, error: unknown): Promise<ExitCode> {
  const json = io.args.slice(0, endOfFlags(io.args)).includes("--json");
  const { describeError } = await import("../report/error.ts");
  const text = describeError(error, {
    json,
    color: io.stderr.isTerminal && !io.env("NO_COLOR"),
    version,
  });
  try {
    io.stderr.write(text);
  } catch {
    // Standard error cannot be written either: only the exit code remains.
  }
  if (error instanceof Blocked) return ExitCode.blocked;
  return error instanceof UserError ? ExitCode.usage : ExitCode.internal;
}
