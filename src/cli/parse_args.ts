/**
 * Twin of `@std/cli/parse-args`: the part of `parseArgs` that the verbs use, with the same results.
 * What it leaves out: dotted names that make nested objects, and the inferred result type.
 *
 * `npm:minimist` would serve, but it is CommonJS: loading it costs more than an empty program.
 *
 * @module
 */

/** What is known of the flags. */
export interface ParseOptions {
  /** Names that take no value, or `true`: every `--name` without `=` takes none. Default `false`. */
  readonly boolean?: boolean | string | readonly string[];
  /** Names whose value stays text; others that look like a number become one. `_` is a name too. */
  readonly string?: string | readonly string[];
  /** Names whose values are collected in an array; others keep the last value. Default `[]`. */
  readonly collect?: string | readonly string[];
  /** Names that `--no-name` sets to `false`. */
  readonly negatable?: string | readonly string[];
  /** Other names of a flag; each name gets the value. */
  readonly alias?: Readonly<Record<string, string | readonly string[]>>;
  /** Values of flags that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Everything after the first argument that is no flag goes to `_` as it is. */
  readonly stopEarly?: boolean;
  /** Arguments after `--` go to `"--"` instead of to the end of `_`. */
  readonly "--"?: boolean;
  /** Called for what the options do not name; what it answers `false` for is left out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The flags by name, and the arguments that are none. */
export interface Args {
  [name: string]: unknown;
  _: (string | number)[];
  "--"?: string[];
}

type Value = string | number | boolean;

/** `--name`, `--no-name`, `--name=value`. */
const longFlag = /^--(?<negated>no-)?(?<name>.+?)(?:=(?<value>.+?))?$/s;

/** Reads flags and arguments out of a command line. */
export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const end = args.indexOf("--");
  const parsed = new Parser(options).parse(end < 0 ? args : args.slice(0, end));
  const rest = end < 0 ? [] : args.slice(end + 1);
  if (options["--"]) parsed["--"] = rest;
  else parsed._.push(...rest);
  return parsed;
}

class Parser {
  readonly #options: ParseOptions;
  readonly #aliases: ReadonlyMap<string, readonly string[]>;
  readonly #booleans: ReadonlySet<string>;
  readonly #strings: ReadonlySet<string>;
  readonly #collected: ReadonlySet<string>;
  readonly #negatable: ReadonlySet<string>;
  readonly #allBooleans: boolean;
  // No prototype: a flag may be called `constructor`.
  readonly #result: Args = Object.assign(Object.create(null), { _: [] });

  constructor(options: ParseOptions) {
    this.#options = options;
    this.#aliases = aliasMap(options.alias ?? {});
    this.#allBooleans = options.boolean === true;
    this.#booleans = this.#names(typeof options.boolean === "boolean" ? [] : options.boolean);
    this.#strings = this.#names(options.string);
    this.#collected = this.#names(options.collect);
    this.#negatable = this.#names(options.negatable);
  }

  parse(args: readonly string[]): Args {
    for (let index = 0; index < args.length; index++) {
      const [arg, next] = [args[index]!, args[index + 1]];
      if (arg.startsWith("--") && arg.length > 2) index += this.#long(arg, next);
      else if (arg.startsWith("-") && arg.length > 1) index += this.#short(arg, next);
      else {
        this.#argument(arg);
        if (this.#options.stopEarly) {
          this.#result._.push(...args.slice(index + 1));
          break;
        }
      }
    }
    this.#fillDefaults();
    return this.#result;
  }

  /** Takes `--name…`; returns how many of the following arguments it took as well. */
  #long(arg: string, next: string | undefined): number {
    const { negated, name: bare = "", value } = longFlag.exec(arg)?.groups ?? {};
    if (value !== undefined) {
      this.#set(bare, this.#booleans.has(bare) ? value !== "false" : value, arg);
      return 0;
    }
    if (negated && this.#negatable.has(bare)) {
      this.#set(bare, false, arg, false);
      return 0;
    }
    const name = negated ? `no-${bare}` : bare;
    const takesValue = !this.#isBoolean(name) && !this.#allBooleans;
    return this.#withNext(name, arg, takesValue && !next?.startsWith("-") ? next : undefined, next);
  }

  /** Takes `-abc`, `-n5`, `-n=5`; returns how many of the following arguments it took as well. */
  #short(arg: string, next: string | undefined): number {
    for (let index = 1; index < arg.length - 1; index++) {
      const letter = arg[index]!;
      const rest = arg.slice(index + 1);
      if (rest === "-") {
        this.#set(letter, rest, arg);
        continue;
      }
      const value = valueAfter(letter, rest);
      if (value !== undefined) {
        this.#set(letter, value, arg);
        return 0;
      }
      this.#set(letter, this.#present(letter), arg);
    }
    const last = arg.slice(-1);
    if (last === "-") return 0;
    const isFlag = next === undefined || /^--?[^-]/.test(next);
    const value = isFlag || this.#isBoolean(last) ? undefined : next;
    return this.#withNext(last, arg, value, next);
  }

  /** Sets a flag from the argument that follows it, where that is its value. */
  #withNext(name: string, arg: string, value: string | undefined, next?: string): number {
    if (value) this.#set(name, value, arg);
    else if (next === "true" || next === "false") this.#set(name, next === "true", arg);
    else {
      this.#set(name, this.#present(name), arg);
      return 0;
    }
    return 1;
  }

  #argument(arg: string): void {
    if (this.#options.unknown?.(arg) === false) return;
    this.#result._.push(this.#strings.has("_") ? arg : numberOr(arg));
  }

  #set(name: string, given: Value, arg: string, collect = true): void {
    const known = this.#booleans.has(name) || this.#strings.has(name) || this.#aliases.has(name) ||
      (this.#allBooleans && /^--[^=]+$/.test(arg));
    if (!known && this.#options.unknown?.(arg, name, given) === false) return;
    const value = typeof given === "string" && !this.#strings.has(name) ? numberOr(given) : given;
    for (const each of this.#allNames(name)) {
      const before = this.#result[each];
      if (!collect || !this.#collected.has(name)) this.#result[each] = value;
      else if (Array.isArray(before)) before.push(value);
      else this.#result[each] = before ? [before, value] : [value];
    }
  }

  #fillDefaults(): void {
    for (const [name, value] of Object.entries(this.#options.default ?? {})) {
      if (name in this.#result) continue;
      for (const each of this.#allNames(name)) this.#result[each] = value;
    }
    for (const name of this.#booleans) {
      if (!(name in this.#result)) this.#result[name] = this.#collected.has(name) ? [] : false;
    }
    for (const name of this.#strings) {
      if (!(name in this.#result) && this.#collected.has(name)) this.#result[name] = [];
    }
  }

  /** The value of a flag that is given without one. */
  #present(name: string): string | true {
    return this.#strings.has(name) ? "" : true;
  }

  #isBoolean(name: string): boolean {
    return this.#allNames(name).some((each) => this.#booleans.has(each));
  }

  #allNames(name: string): readonly string[] {
    return [name, ...this.#aliases.get(name) ?? []];
  }

  #names(given: string | readonly string[] = []): ReadonlySet<string> {
    return new Set([given].flat().filter(Boolean).flatMap((name) => this.#allNames(name)));
  }
}

/** Each name with its other names. */
function aliasMap(alias: NonNullable<ParseOptions["alias"]>): Map<string, string[]> {
  const map = new Map<string, string[]>();
  for (const [name, others] of Object.entries(alias)) {
    const all = [name, ...[others].flat()];
    for (const each of all) map.set(each, all.filter((other) => other !== each));
  }
  return map;
}

/** What follows a letter in a group of short flags, when that is the letter's value. */
function valueAfter(letter: string, rest: string): string | undefined {
  const isLetter = /[A-Za-z]/.test(letter);
  if (isLetter && rest.includes("=")) return rest.split(/=(.+)/s)[1] ?? "";
  if (isLetter && /-?\d+(\.\d*)?(e-?\d+)?$/.test(rest)) return rest;
  return /^\W/.test(rest) ? rest : undefined;
}

function numberOr(text: string): string | number {
  const isNumber = /^0x[0-9a-f]+$/i.test(text) ||
    /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);
  return isNumber ? Number(text) : text;
}
