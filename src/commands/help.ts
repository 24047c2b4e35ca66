/** `assay help [VERB]`, made from the table of verbs. */

import { verbs } from "./mod.ts";
import { reporters } from "../report/reporters/mod.ts";
import type { Builtins, Flag, Verb } from "./types.ts";

/** The help of one verb, or of all. */
export function help(verb: Verb | undefined, builtins: Builtins): string {
  return verb ? verbHelp(verb, builtins) : overview(builtins);
}

function overview({ version }: Builtins): string {
  return `assay ${version}: tells the truth about whether a change is done

usage: assay VERB [OPTIONS]

${
    aligned([...verbs.map(({ name, summary }) => [name, summary] as const), [
      "help",
      "this text, or assay help VERB",
    ]])
  }

Every verb takes --help, --no-color and (but for help) --json.
exit codes: 0 ready or success · 1 checks failed · 2 wrong input · 3 blocked: could not tell ·
            70 a bug in assay · 130 interrupted
`;
}

function verbHelp({ name, summary, usage, flags, examples }: Verb, builtins: Builtins): string {
  const options = flags.map((flag) => [`--${flag.name}${valueOf(flag)}`, flag.text] as const);
  const formats = name === "parse"
    ? `\nformats:\n${aligned(builtins.parsers.map((each) => [each.format, each.description]))}\n`
    : "";
  const writes = name === "report"
    ? `\nreporters:\n${aligned(reporters.map((each) => [each.name, each.description]))}\n`
    : "";
  return `assay ${name}: ${summary}

usage: ${usage}

${aligned(options)}
${formats}${writes}
examples:
${aligned(examples)}
`;
}

function valueOf({ type, value }: Flag): string {
  if (value === undefined) return "";
  return type === "optional" ? `[=${value}]` : ` ${value}`;
}

function aligned(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`).join("\n");
}
