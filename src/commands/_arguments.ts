/** Checks of arguments that several verbs share. */

import { UserError } from "../errors.ts";
import { type Kind, kinds } from "../model.ts";
import type { ReportParser } from "../plugin.ts";
import type { Call } from "./types.ts";

/** Refuses arguments for a verb that takes none. */
export function noArguments({ args, rest, verb }: Call): void {
  const [first] = [...args, ...rest];
  if (first === undefined) return;
  throw new UserError(`assay ${verb.name} takes no argument "${first}"`, {
    code: "usage",
    hint: `usage: ${verb.usage}`,
  });
}

/** One of the three kinds. */
export function kindOf(text: string): Kind {
  const kind = kinds.find((each) => each === text);
  if (kind) return kind;
  throw new UserError(`"${text}" is no kind`, {
    code: "usage",
    hint: `the kinds are ${kinds.join(", ")}`,
  });
}

/** The one argument of a verb that takes exactly one, or at most one. */
export function oneArgument(call: Call): string | undefined {
  const [first, second] = [...call.args, ...call.rest];
  if (second === undefined) return first;
  throw new UserError(`assay ${call.verb.name} takes one argument; "${second}" is one too many`, {
    code: "usage",
    hint: `usage: ${call.verb.usage}`,
  });
}

/** {@linkcode oneArgument} for a verb that cannot do without. */
export function requiredArgument(call: Call, what: string): string {
  const argument = oneArgument(call);
  if (argument !== undefined) return argument;
  throw new UserError(`assay ${call.verb.name} needs ${what}`, {
    code: "usage",
    hint: `usage: ${call.verb.usage}`,
  });
}

/** `--jobs`, when it is given. */
export function jobsOf(call: Call): { readonly jobs?: number } {
  const text = call.value("jobs");
  if (text === undefined) return {};
  if (/^[1-9]\d{0,3}$/.test(text)) return { jobs: Number(text) };
  throw new UserError(`--jobs ${text}: it must be a whole number from 1 to 9999`, {
    code: "usage",
  });
}

// The formats that a runner, a command or `assay exec` may choose.

/** `exit-code` and all formats whose reports can prove something. */
export function resultFormats(parsers: readonly ReportParser[]): readonly string[] {
  const proving = parsers.filter(({ holds }) => holds !== "nothing");
  return ["exit-code", ...proving.map(({ format }) => format)];
}
