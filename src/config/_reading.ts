/** How the result of a plugin of dialect "plugins" is read. */

import { shellQuote } from "../text/shell.ts";

/** The format of a command that has no report. */
export const exitCode = "exit-code";

export const parseOutputs = ["exit_code", "pytest", "rspec_json", "jest", "tap", "none"] as const;

interface Called {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly parse_output?: (typeof parseOutputs)[number];
}

/** The shell line, and where and how its report is read. */
export interface Reading {
  readonly command: string;
  readonly resultFormat: string;
  readonly resultFile?: string;
}

/** Options that make test tools write a report, and the report's format. */
const reportOptions: readonly (readonly [RegExp, string])[] = [
  [/^--json-report-file$/, "pytest-json-report"],
  [/^--junit-?xml$/, "junit-xml"],
  [/^--outputFile$/, "jest-json"],
  [/^(?:--out|-o)$/, "rspec-json"],
];

/** The options that apply to each `parse_output`. */
const readable: Readonly<Record<string, readonly string[]>> = {
  pytest: ["pytest-json-report", "junit-xml"],
  jest: ["jest-json"],
  rspec_json: ["rspec-json"],
};

/** Formats read from standard output where no report file is named. */
const streamed: Readonly<Record<string, string>> = {
  rspec_json: "rspec-json",
  jest: "jest-json",
  tap: "tap",
};

/**
 * The program stays shell text, as in the other dialect; each argument is one word. `none` leaves nothing to read,
 * so the exit code decides.
 */
export function readingOf(
  { name, command, args = [], parse_output = "exit_code" }: Called,
): Reading {
  const line = [command, ...args.map(shellQuote)].join(" ");
  const report = reportOf(args, readable[parse_output] ?? []);
  if (report) return { command: line, ...report };
  const resultFormat = streamed[parse_output];
  if (resultFormat) return { command: line, resultFormat };
  if (parse_output !== "pytest") return { command: line, resultFormat: exitCode };
  // pytest's output is for people and proves nothing: ask it for JUnit, which it supports out of the box.
  const options = 'PYTEST_ADDOPTS="${PYTEST_ADDOPTS-} --junit-xml="{{result_file}}';
  return {
    command: `${options} ${line}`,
    resultFormat: "junit-xml",
    resultFile: `.assay/runs/{{run_id}}/${name}.xml`,
  };
}

/** The report that the arguments name: `--junit-xml=FILE` or `--out FILE`. */
function reportOf(args: readonly string[], formats: readonly string[]) {
  for (const [index, arg] of args.entries()) {
    const [, option = "", joined] = /^(--?[\w-]+)(?:=(.*))?$/s.exec(arg) ?? [];
    const resultFormat = reportOptions.find(([pattern]) => pattern.test(option))?.[1];
    const resultFile = joined ?? args[index + 1];
    if (!resultFormat || !resultFile || !formats.includes(resultFormat)) continue;
    return { resultFormat, resultFile };
  }
  return undefined;
}
