/**
 * Twin of `@std/cli/parse-args`: the part of `parseArgs` that assay uses, with the same results. All its values
 * are text (`string` names `_` too), and it has no short flags.
 *
 * `npm:minimist` would serve, but it is CommonJS: loading it costs more than an empty program.
 *
 * @module
 */

export interface ParseOptions {
  /** Names that take no value. */
  readonly boolean?: readonly string[];
  /** Names whose value stays text. */
  readonly string?: readonly string[];
  /** Names whose values are collected in an array; others keep the last value. */
  readonly collect?: readonly string[];
  /** Arguments after `--` go to `"--"` instead of to the end of `_`. */
  readonly "--"?: boolean;
  /** Called for arguments that the options do not name; those for which it returns `false` are left out. */
  readonly unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

export interface Args {
  [name: string]: unknown;
  _: (string | number)[];
  "--"?: string[];
}

export function parseArgs(args: string[], options: ParseOptions = {}): Args {
  const { boolean = [], string = [], collect = [], unknown } = options;
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const rest = end < 0 ? [] : args.slice(end + 1);
  const result: Args = { _: [] };
  for (const name of boolean) result[name] = false;
  for (const name of collect) result[name] = [];
  for (let index = 0; index < before.length; index++) {
    const [arg, next] = [before[index]!, before[index + 1]];
    const [, name, assigned] = /^--(.+?)(?:=(.+?))?$/s.exec(arg) ?? [];
    if (name === undefined) {
      if (unknown?.(arg) !== false) result._.push(arg);
      continue;
    }
    const isSwitch = boolean.includes(name);
    let value: unknown = isSwitch ? assigned !== "false" : assigned ?? "";
    if (assigned === undefined && isSwitch && /^(?:true|false)$/.test(next ?? "")) {
      value = next === "true";
      index++;
    } else if (assigned === undefined && !isSwitch && next && !next.startsWith("-")) {
      value = next;
      index++;
    }
    const isKnown = isSwitch || string.includes(name);
    if (!isKnown && unknown?.(arg, name, value) === false) continue;
    if (collect.includes(name)) (result[name] as unknown[]).push(value);
    else result[name] = value;
  }
  if (options["--"]) result["--"] = rest;
  else result._.push(...rest);
  return result;
}
