/** From the command line to a verb, and from what it returns or throws to an exit code: the only place. */

import { parseArgs } from "@std/cli/parse-args";
import { completeVerb, verbs } from "./verbs.ts";
import { keepOnly, loading, speaking } from "../commands/privilege.ts";
import type { Topic } from "./topics.ts";
import { type Builtins, type Call, everything, type Flag, type Verb } from "../commands/types.ts";
import { nearest } from "../text/did_you_mean.ts";
import { Blocked, ExitCode, UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";

/** Columns assumed where there is no terminal to ask. */
const plainColumns = 100;

/** Runs the verb that the arguments name. Never throws. */
export async function main(io: Io, builtins: Builtins): Promise<ExitCode> {
  try {
    return await dispatch(io, builtins);
  } catch (error) {
    return await fail(io, builtins, error);
  }
}

async function dispatch(io: Io, builtins: Builtins): Promise<ExitCode> {
  const [name, ...args] = io.args;
  const wantsHelp = args.slice(0, endOfFlags(args)).some((arg) => arg === "--help" || arg === "-h");
  const asked = [...verbs, completeVerb].find((verb) => verb.name === name);
  keepOnly(io, !asked || wantsHelp ? speaking : asked.loads ? loading : asked.needs);
  if (name === "--version" || name === "-V" || name === "version") {
    io.stdout.write(`assay ${builtins.version} (${io.runtime})\n`);
    return ExitCode.ok;
  }
  if (name === undefined || name === "help" || name === "--help" || name === "-h" || wantsHelp) {
    const { help } = await import("./help.ts");
    const topic = wantsHelp ? name : args[0];
    const about = topic === undefined ? undefined : await findTopic(topic, builtins);
    io.stdout.write(help(about, verbs, builtins, io.columns() ?? plainColumns));
    return ExitCode.ok;
  }
  if (name.startsWith("-")) throw misplacedOption(name);
  const verb = asked ?? findVerb(name);
  const ends: (() => void)[] = [];
  const call = callOf(io, builtins, verb, args, (act) => ends.push(act));
  const loads = loadsModules(call);
  if (!loads) keepOnly(io, verb.needs);
  const { run } = await verb.load();
  const modules = loads ? (await import("../commands/_loading.ts")).loaderFor(call) : undefined;
  try {
    return await run(modules ? { ...call, loadModules: modules } : call);
  } finally {
    for (const end of ends) end();
  }
}

/** Whether this very call may run code of module plugins. */
function loadsModules({ verb: { loads = [] }, args, rest, flag }: Call): boolean {
  if (loads === true) return true;
  const word = [...args, ...rest][0];
  return loads.some((each) => each.startsWith("--") ? flag(each.slice(2)) : each === word);
}

function endOfFlags(args: readonly string[]): number {
  const end = args.indexOf("--");
  return end < 0 ? args.length : end;
}

function misplacedOption(option: string): UserError {
  return new UserError(`the option "${option}" stands before the verb; options come after it`, {
    code: "usage",
    hint: `assay VERB ${option}; assay help lists the verbs`,
  });
}

/** What `assay help` is asked about: a verb, or one of the topics. */
async function findTopic(name: string, builtins: Builtins): Promise<Verb | Topic> {
  const { topicsOf } = await import("./topics.ts");
  return topicsOf(builtins).find((each) => each.name === name) ?? findVerb(name);
}

function findVerb(name: string): Verb {
  const verb = verbs.find((each) => each.name === name);
  if (verb) return verb;
  const meant = nearest(name, verbs.map((each) => each.name));
  throw new UserError(`There is no verb "${name}"${meant ? `; did you mean "${meant}"?` : ""}`, {
    code: "usage",
    hint: "assay help lists the verbs",
  });
}

function callOf(
  io: Io,
  builtins: Builtins,
  verb: Verb,
  args: readonly string[],
  atEnd: Call["atEnd"],
): Call {
  const common = ["no-color"];
  const lists = [...names(verb, "list"), ...names(verb, "optional")];
  const parsed = parseArgs(withMarkedValues(verb, args), {
    boolean: [...common, ...names(verb, "boolean")],
    string: [...names(verb, "string"), ...lists],
    collect: lists,
    "--": true,
    unknown: (arg: string) => {
      if (!arg.startsWith("-") || arg === "-") return true;
      throw unknownFlag(verb, arg);
    },
  });
  checkValues(verb, parsed);
  const json = parsed.json === true;
  return {
    io,
    verb,
    verbs,
    builtins,
    args: parsed._.map(String),
    rest: parsed["--"] ?? [],
    json,
    color: wantsColor(io) && parsed["no-color"] !== true && !json,
    columns: io.columns() ?? plainColumns,
    flag: (name) => parsed[name] === true,
    value: (name) => parsed[name] as string | undefined,
    list: (name) => (parsed[name] as string[] | undefined) ?? [],
    atEnd,
  };
}

/** Gives each `optional` flag that has no value the one that says so: it must not take the next word. */
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
  return new UserError(`assay ${verb.name} has no option "${arg}"${guess}`, {
    code: "usage",
    hint: `assay help ${verb.name} lists its options`,
  });
}

/** An option that needs a value and got none, or one value where several were given. */
function checkValues(verb: Verb, parsed: Readonly<Record<string, unknown>>): void {
  for (const flag of verb.flags) {
    if (flag.type === "boolean") continue;
    const values = [parsed[flag.name] ?? []].flat();
    if (values.every((value) => typeof value === "string" && value !== "")) {
      if (flag.type !== "string" || values.length <= 1) continue;
      throw new UserError(`--${flag.name} is given ${values.length} times`, { code: "usage" });
    }
    throw valueMissing(verb, flag);
  }
}

function valueMissing({ name }: Verb, flag: Flag): UserError {
  const value = `${flag.type === "optional" ? "=" : " "}${flag.value ?? "VALUE"}`;
  return new UserError(`--${flag.name} needs a value: --${flag.name}${value}`, {
    code: "usage",
    hint: `assay help ${name} lists its options`,
  });
}

/** https://no-color.org: any value that is not empty switches colour off. */
function wantsColor(io: Io): boolean {
  return io.stdout.isTerminal && !io.env("NO_COLOR") && io.env("TERM") !== "dumb";
}

async function fail(io: Io, builtins: Builtins, error: unknown): Promise<ExitCode> {
  const json = io.args.slice(0, endOfFlags(io.args)).includes("--json");
  const { describeError } = await import("../report/error.ts");
  const own = error instanceof UserError || error instanceof UserErrors;
  const text = describeError(error, {
    json,
    color: io.stderr.isTerminal && !io.env("NO_COLOR"),
    version: builtins.version,
  });
  try {
    io.stderr.write(text);
  } catch {
    // Standard error cannot be written either: the exit code is all that is left to tell by.
  }
  if (error instanceof Blocked) return ExitCode.blocked;
  return own ? ExitCode.usage : ExitCode.internal;
}
