/**
 * The extension `env`: the environment of a command. Its table holds variables (`NAME = "value"`) and, in
 * lower case, its own keys. They are applied in this order:
 *
 * 1. `allow`: a list of names, in which `*` matches any characters. Of the inherited variables only these stay,
 * and `PATH`, `HOME` and `COLUMNS`, without which hardly anything runs as expected.
 * 2. `files`: `.env` files, relative to the project's root and inside it; `_dotenv.ts` has their syntax. A
 * missing one is a failure, unless its name ends with `?`.
 * 3. the variables of the table, then those of `set`, which may also be named like a key of this table.
 * 4. `unset`: a list of names, with `*` as above, that are removed.
 * 5. `virtualenv`: the folder of a Python virtual environment, relative to the root, absolute, or in `~/`: it
 * is activated as its own script would do it.
 *
 * The variables that assay itself gives every command, such as `ASSAY_RUN_ID`, are refused in 3 and 4, and
 * skipped with a warning in `.env` files.
 */

import { resolve } from "@std/path";
import type { CommandSpec, ConfigTable, Services } from "../../src/plugin.ts";
import { isTable } from "../../src/text/values.ts";
import { assaysOwn, insideProblems, isText, listProblems, textProblems } from "./_problems.ts";

/** Keys that are not variables. */
const ownKeys = ["set", "unset", "allow", "files", "virtualenv"] as const;

/** Inherited regardless of `allow`. */
const alwaysAllowed = ["PATH", "HOME", "COLUMNS"];

type Variables = Record<string, string>;

/** Its own keys, after {@linkcode validate} found no problems. */
interface EnvTable {
  readonly set?: Readonly<Variables>;
  readonly unset?: readonly string[];
  readonly allow?: readonly string[];
  readonly files?: readonly string[];
  readonly virtualenv?: string;
}

export function validate(table: ConfigTable): string[] {
  const { set = {}, unset = [], allow = [], files = [], virtualenv } = table;
  return [
    ...variableProblems("", variablesOf(table)),
    ...(isTable(set) ? variableProblems("set.", set) : ["set must be a table of variables"]),
    ...unsetProblems(unset),
    ...patternProblems("allow", allow),
    ...fileProblems(files),
    ...(virtualenv === undefined ? [] : textProblems("virtualenv", virtualenv)),
  ];
}

function variablesOf(table: ConfigTable): ConfigTable {
  return Object.fromEntries(
    Object.entries(table).filter(([key]) => !(ownKeys as readonly string[]).includes(key)),
  );
}

function variableProblems(prefix: string, variables: ConfigTable): string[] {
  return Object.entries(variables).flatMap(([name, value]) => {
    if (!/^[^=\s\0]+$/.test(name)) return [`${prefix}${name} is not a variable name`];
    if (assaysOwn.includes(name)) return [`${prefix}${name} is set by assay itself`];
    if (isText(value)) return [];
    const quoted = ["number", "boolean"].includes(typeof value) ? `: write "${value}"` : "";
    return [`${prefix}${name} must be a string${quoted}`];
  });
}

function patternProblems(key: string, value: unknown): string[] {
  const problems = listProblems(key, value);
  if (problems.length > 0) return problems;
  return (value as string[]).flatMap((name, index) =>
    /[=\s]/.test(name) ? [`${key}[${index}] is not a variable name: "${name}"`] : []
  );
}

function unsetProblems(value: unknown): string[] {
  const problems = patternProblems("unset", value);
  if (problems.length > 0) return problems;
  return (value as string[]).flatMap((name, index) =>
    assaysOwn.includes(name) ? [`unset[${index}]: ${name} is set by assay itself`] : []
  );
}

function fileProblems(value: unknown): string[] {
  if (!Array.isArray(value)) return ["files must be a list of strings"];
  return value.flatMap((each, index) =>
    insideProblems(`files[${index}]`, isText(each) ? pathOf(each) : each)
  );
}

/** The path of an entry of `files`, without the `?` of an optional one. */
function pathOf(entry: string): string {
  return entry.replace(/\?$/, "");
}

export async function prepare(spec: CommandSpec, services: Services): Promise<CommandSpec> {
  const table = spec.extensionData.env ?? {};
  const problems = validate(table);
  if (problems.length > 0) throw new Error(problems.join("; "));
  const { set, unset = [], allow, files = [], virtualenv } = table as EnvTable;
  let env: Variables = { ...spec.env };
  if (allow) env = kept(env, matcher([...allow, ...alwaysAllowed]));
  for (const file of files) await readInto(env, file, services);
  Object.assign(env, variablesOf(table), set);
  const isUnset = matcher(unset);
  env = kept(env, (name) => !isUnset(name));
  if (virtualenv !== undefined) await activate(env, virtualenv, services);
  spec.env = env;
  return spec;
}

function kept(env: Variables, isKept: (name: string) => boolean): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => isKept(name)));
}

/** Whether a name matches one of the patterns, in which `*` matches any characters. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const quoted = (text: string) => text.replaceAll(/[\\^$.|?+()[\]{}]/g, "\\$&");
  const expressions = patterns.map((pattern) =>
    new RegExp(`^${pattern.split("*").map(quoted).join(".*")}$`, "s")
  );
  return (name) => expressions.some((expression) => expression.test(name));
}

async function readInto(env: Variables, entry: string, services: Services): Promise<void> {
  const path = pathOf(entry);
  const text = await services.readText(path);
  if (text !== undefined) {
    const found = { ...env };
    readDotenv(text, path, found, services.warn);
    for (const name of Object.keys(found)) {
      if (!assaysOwn.includes(name)) env[name] = found[name]!;
      else if (found[name] !== env[name]) {
        services.warn(`${path}: ${name} is passed over: it is set by assay itself`);
      }
    }
  } else if (!entry.endsWith("?")) {
    throw new Error(
      `there is no file ${path} in the project; write "${path}?" if it may be missing`,
    );
  }
}

/** Does what `bin/activate` does for a shell. */
async function activate(env: Variables, given: string, services: Services): Promise<void> {
  const path = given.replace(/^~(?=\/)/, () => services.env("HOME") ?? "~");
  const folder = resolve(services.root, path);
  const script = 'test -x "$1/bin/python" && test ! -d "$1/bin/python"';
  const { exitCode } = await services.run(["sh", "-c", script, "sh", folder]);
  if (exitCode !== 0) {
    throw new Error(`virtualenv ${given}: there is no program bin/python in ${folder}`);
  }
  env.VIRTUAL_ENV = folder;
  env.PATH = env.PATH ? `${folder}/bin:${env.PATH}` : `${folder}/bin`;
  delete env.PYTHONHOME;
}

// Reads `.env` files. There is no standard; this is what the common readers agree on:
//
// - one `NAME=VALUE` per line; a leading `export ` and blanks around `=` are ignored, as are empty lines and lines
// that begin with `#`.
// - a value without quotes ends before ` #` or at the end of its line, without surrounding blanks.
// - `'…'` is literal, `"…"` knows `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and `` \` ``; both may span
//   several lines.
// - `$NAME` and `${NAME}` stand for the value set so far, outside `'…'`; `\$` is a dollar. A variable that is not set
// is empty, with a warning.
// - `\r\n` ends a line like `\n`, a byte order mark at the beginning is skipped.
//
// Anything else is an error with file and line, never a guess. No error contains a value.

/** Adds the variables to `env`, which is also used for expansion. */
export function readDotenv(
  text: string,
  file: string,
  env: Record<string, string>,
  warn: (message: string) => void,
): void {
  new Reader(text, file, env, warn).read();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #env: Record<string, string>;
  readonly #warn: (message: string) => void;
  #at = 0;
  /** Where the last match began. */
  #mark = 0;

  constructor(
    text: string,
    file: string,
    env: Record<string, string>,
    warn: (message: string) => void,
  ) {
    this.#text = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
    this.#file = file;
    this.#env = env;
    this.#warn = warn;
  }

  read(): void {
    for (;;) {
      this.#take(/(?:\s|#[^\n]*(?:\n|$))*/y);
      if (this.#at >= this.#text.length) return;
      const [, name] = this.#take(/(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=/y) ??
        this.#fail("expected NAME=VALUE");
      this.#env[name!] = this.#value();
    }
  }

  #value(): string {
    const [, quote] = this.#take(/[ \t]*(['"])/y) ?? [];
    if (quote === undefined) return this.#expanded(this.#unquoted(), /\\(\$)/);
    const text = quote === "'" ? this.#quoted(/([^']*)'/y) : this.#quoted(/((?:[^"\\]|\\[^])*)"/y);
    const value = quote === "'" ? text : this.#expanded(text, /\\([nrt"\\$`])/);
    if (!this.#take(/[ \t]*(?=\n|$)|[ \t]+#[^\n]*/y)) {
      this.#fail("there is more after the closing quote");
    }
    return value;
  }

  #unquoted(): string {
    const [line] = this.#take(/[^\n]*/y)!;
    return line.replace(/\s#.*$/, "").trim();
  }

  #quoted(pattern: RegExp): string {
    const [, text] = this.#take(pattern) ?? this.#fail("the quote is not closed");
    return text!;
  }

  /** Replaces escapes and variables in one pass: a variable's value is not expanded again. */
  #expanded(text: string, escape: RegExp): string {
    const pattern = new RegExp(
      `${escape.source}|\\$\\{(?<braced>[^}]*)(?<close>\\}?)|\\$(?<plain>[A-Za-z_]\\w*)`,
      "g",
    );
    return text.replace(pattern, (...match) => {
      const escaped: string | undefined = match[1];
      if (escaped !== undefined) return escapes[escaped] ?? escaped;
      const { braced, close, plain } = match.at(-1) as Record<string, string | undefined>;
      const at = this.#mark + (match.at(-3) as number);
      if (braced !== undefined && !(close && /^[A-Za-z_]\w*$/.test(braced))) {
        this.#fail("of ${…} only ${NAME} is known", at);
      }
      return this.#variable((plain ?? braced)!, at);
    });
  }

  #variable(name: string, at: number): string {
    const value = this.#env[name];
    if (value === undefined) {
      this.#warn(`${this.#place(at)}: $${name} is not set, so it is empty`);
    }
    return value ?? "";
  }

  /** Matches a sticky pattern here and moves past it. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#mark = this.#at;
    this.#at = pattern.lastIndex;
    return match;
  }

  #fail(why: string, at = this.#at): never {
    throw new Error(`${this.#place(at)}: ${why}`);
  }

  #place(at: number): string {
    return `${this.#file}:${this.#text.slice(0, at).split("\n").length}`;
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
