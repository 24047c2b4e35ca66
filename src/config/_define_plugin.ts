/** From a plugin of dialect "plugins" to the one shape of a command. */

import type { Kind } from "../model.ts";
import type { Detect } from "../plugin.ts";
import { commonFields, exitCode } from "./_define.ts";
import type { PluginEntry } from "./runner_schema.ts";
import { shellQuote } from "./shell.ts";
import type { CommandDef, Origin } from "./types.ts";

/** How a command's result is read. */
interface Reading {
  readonly command: string;
  readonly resultFormat: string;
  readonly resultFile?: string;
}

/** Options by which test tools are told where to write a report, and the report's format. */
const reportOptions: readonly (readonly [RegExp, string])[] = [
  [/^--json-report-file$/, "pytest-json-report"],
  [/^--junit-?xml$/, "junit-xml"],
  [/^--outputFile$/, "jest-json"],
  [/^(?:--out|-o)$/, "rspec-json"],
];

/** The options that count for each `parse_output`. */
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

/** A plugin of dialect "plugins". `none` has nothing to read, so there the exit code decides too. */
export function definePluginEntry(entry: PluginEntry, origin: Origin): CommandDef {
  const kind = entry.kind ?? kindOf(entry);
  return {
    id: entry.name,
    kind,
    source: "runner",
    detect: [entry.detect_file ?? []].flat() as readonly Detect[],
    ...reading(entry),
    declaresExitCode: entry.parse_output === "exit_code",
    ...commonFields(kind, entry.cwd === undefined ? {} : { cwd: entry.cwd }),
    ...(entry.timeout_ms === undefined ? {} : { timeoutMs: entry.timeout_ms }),
    enabled: true,
    captureEnv: [],
    extensionData: {},
    origin,
  };
}

/** The program stays shell text, as in the other dialect; each argument is one word. */
function reading({ name, command, args = [], parse_output = "exit_code" }: PluginEntry): Reading {
  const line = [command, ...args.map(shellQuote)].join(" ");
  const report = reportOf(args, readable[parse_output] ?? []);
  if (report) return { command: line, ...report };
  const resultFormat = streamed[parse_output];
  if (resultFormat) return { command: line, resultFormat };
  if (parse_output !== "pytest") return { command: line, resultFormat: exitCode };
  // What pytest prints is for people and proves nothing: ask it for JUnit, which it has built in.
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

function kindOf({ name, parse_output = "exit_code" }: PluginEntry): Kind {
  if (parse_output !== "exit_code" && parse_output !== "none") return "test";
  if (/lint|format|fmt|style|typecheck/i.test(name)) return "lint";
  return /(?:^|[_.-])(?:tests?|specs?)(?:$|[_.-])/i.test(name) ? "test" : "build";
}
