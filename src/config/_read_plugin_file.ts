/** Reads a plugin file of either dialect. */

import type { UserError } from "../errors.ts";
import type { Kind } from "../model.ts";
import type { Detect, Runner } from "../plugin.ts";
import { check, checkDefinition, validEntries } from "./_check.ts";
import { commonFields, defineRunner, exitCode } from "./_define.ts";
import { asArray, asTable, type Document, documentError, lineOf } from "./_document.ts";
import { takeExtensions } from "./_extensions.ts";
import type { KeyPath } from "../text/positions.ts";
import type { Known } from "../text/did_you_mean.ts";
import {
  type PluginEntry,
  pluginSchema,
  pluginsFileSchema,
  runnerSchema,
  runnersFileSchema,
} from "./runner_schema.ts";
import { shellQuote } from "../text/shell.ts";
import type { CommandDef, Origin, PluginFile } from "./types.ts";

/** One plugin file and its runners. */
export interface PluginSource {
  readonly file: PluginFile;
  readonly defs: readonly CommandDef[];
  /** Where each runner is written, by its id. */
  readonly places: ReadonlyMap<string, DefinitionPlace>;
}

/** Where a runner or command is written. */
export interface DefinitionPlace {
  readonly document: Document;
  readonly path: KeyPath;
}

/** What a dialect's reader made of a file. */
interface Read {
  readonly name: string;
  readonly version?: string;
  readonly dialect: "runners" | "plugins";
  /** One for each entry of the file; `undefined` where the entry is wrong. */
  readonly defs: readonly (CommandDef | undefined)[];
}

/** The runners of a plugin file; `undefined` when it is wrong, and `errors` has grown. */
export function readPluginFile(
  document: Document,
  known: Known,
  errors: UserError[],
): PluginSource | undefined {
  const top = asTable(document.value) ?? {};
  if ("runners" in top && "plugins" in top) {
    const message = 'it has both "runners" and "plugins", which are two dialects';
    errors.push(documentError(document, ["plugins"], message, "split it into two files"));
    return undefined;
  }
  const before = errors.length;
  const read = "plugins" in top
    ? readPlugins(document, errors)
    : readRunners(document, known, errors);
  read.defs.forEach((def, index) => {
    if (def) checkDefinition(document, [read.dialect, index], def, known, errors);
  });
  checkUnique(document, read, errors);
  return errors.length === before ? sourceOf(document, read) : undefined;
}

function readRunners(
  document: Document,
  { extensionKeys }: Known,
  errors: UserError[],
): Read {
  const raw = asArray(asTable(document.value)?.runners);
  const extensions = raw.map((runner, index) =>
    takeExtensions(document, ["runners", index], runner, extensionKeys, errors)
  );
  const file = check(document, runnersFileSchema, "plugins", errors, extensionKeys);
  const name = file?.name ?? document.file;
  const entries = file?.runners ?? validEntries(raw, runnerSchema);
  const defs = entries.map((runner, index) =>
    runner && defineRunner(
      runner as Runner,
      originOf(document, ["runners", index], name, "runners"),
      extensions[index],
    )
  );
  const version = file?.version;
  return { name, ...(version === undefined ? {} : { version }), dialect: "runners", defs };
}

function readPlugins(document: Document, errors: UserError[]): Read {
  const file = check(document, pluginsFileSchema, "plugins", errors);
  const raw = asArray(asTable(document.value)?.plugins);
  const entries = file?.plugins ?? validEntries(raw, pluginSchema);
  const defs = entries.map((entry, index) =>
    entry &&
    definePluginEntry(entry, originOf(document, ["plugins", index], entry.name, "plugins"))
  );
  return { name: document.file, dialect: "plugins", defs };
}

function originOf(
  document: Document,
  path: readonly (string | number)[],
  plugin: string,
  dialect: Origin["dialect"],
): Origin {
  return { file: document.file, ...lineOf(document, path), plugin, dialect };
}

function sourceOf(document: Document, { defs, ...read }: Read): PluginSource {
  const valid = defs.filter((def) => def !== undefined);
  const places = defs.flatMap((def, index) =>
    def ? [[def.id, { document, path: [read.dialect, index] }] as const] : []
  );
  return {
    file: { ...read, file: document.file, runners: valid.map(({ id }) => id) },
    defs: valid,
    places: new Map(places),
  };
}

function checkUnique(document: Document, { dialect, defs }: Read, errors: UserError[]): void {
  const seen = new Map<string, CommandDef>();
  for (const [index, def] of defs.entries()) {
    if (!def) continue;
    const first = seen.get(def.id);
    seen.set(def.id, first ?? def);
    if (!first) continue;
    const key = dialect === "runners" ? "id" : "name";
    const { line } = first.origin;
    const where = line === undefined ? "" : `; the first begins on line ${line}`;
    errors.push(documentError(
      document,
      [dialect, index, key],
      `two runners have the ${key} "${def.id}"${where}`,
      "give one of them another name",
    ));
  }
}

// From a plugin of dialect "plugins" to the one shape of a command.

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
function definePluginEntry(entry: PluginEntry, origin: Origin): CommandDef {
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
