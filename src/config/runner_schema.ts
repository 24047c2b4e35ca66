/** Plugin files: the one definition of both dialects, for validation, types and JSON Schema. */

import * as v from "valibot";
import { envSchema } from "./env_schema.ts";
import { parseOutputs, readingOf } from "./_reading.ts";
import { pathProblem } from "./paths.ts";
import { placeholderProblems } from "./placeholders.ts";
import { sandboxSchema } from "./sandbox_schema.ts";
import {
  about,
  duration,
  filesGlob,
  flag,
  glob,
  id,
  maybe,
  noNul,
  oneOf,
  path,
  ruled,
  schemaKey,
  table,
  text,
} from "./_schema.ts";

export const kindSchema = oneOf(["build", "test", "lint"]);

export const severitySchema = oneOf(["error", "warning", "info"]);

const textOrTexts = v.union(
  [text, v.pipe(v.array(text), v.minLength(1, "a list that is not empty"))],
  "a string or a list of strings",
);

const detectTable = table({
  file: about(glob, "Path or glob of the file."),
  key: maybe(text, "Dotted path of a key that the file (JSON or TOML) must have."),
  contains: maybe(
    text,
    "Text that the file must contain, or the key's value when `key` is given. " +
      "The file is read as if a line end stood before its first line.",
  ),
  not_contains: maybe(textOrTexts, "Texts that must not be there."),
});

const oneDetect = v.union(
  [about(glob, "A path or glob."), detectTable],
  "a path, a glob or a table",
);

const detectSchema = v.union(
  [oneDetect, v.pipe(v.array(oneDetect), v.minLength(1, "a list that is not empty"))],
  "a path, a glob, a table, or a list of those",
);

export const commonEntries = {
  description: maybe(v.string("a string"), "One line for people."),
  result_file: maybe(
    path,
    "Where the command writes its report; `{{result_file}}` in the command names it. Without it a " +
      "report is read from standard output.",
  ),
  timeout: maybe(
    duration,
    'Time limit: "5m", or a number of seconds. Default 10m, for lint 5m.',
  ),
  cwd: maybe(path, "Folder to run in, relative to the project root. Default: the root."),
  env: maybe(envSchema, "Environment variables to set, and what else the extension `env` does."),
  lock: maybe(id, "Commands with the same lock never run at the same time."),
  sandbox: maybe(sandboxSchema, "What the command may reach: a preset's name, or a table."),
  required: maybe(flag, "Whether its gate depends on it. Default true."),
  fail_on: maybe(severitySchema, "Diagnostics of this severity or above fail. Default `error`."),
  allow_no_tests: maybe(flag, "Whether a run in which no test ran may pass. Default false."),
  inputs: maybe(v.array(glob, "a list of globs"), "Globs of the files the result depends on."),
  files: maybe(
    v.pipe(v.array(filesGlob, "a list of globs"), v.minLength(1, "a list that is not empty")),
    "Globs of the files it checks; `!glob` excludes; one without a / matches names in any folder. " +
      "`{{files}}` in the command is replaced by them. In a git hook it runs only when one of them changed.",
  ),
};

export const runnerSchema = ruled(
  table({
    id: about(id, "Name of the runner; unique in the project."),
    kind: about(kindSchema, "The gate it belongs to."),
    detect_file: about(detectSchema, "The runner applies when any one of these is found."),
    command: about(
      text,
      "Shell line. `{{run_id}}`, `{{run_dir}}`, `{{result_file}}` and `{{files}}` are filled in.",
    ),
    result_format: maybe(
      text,
      "Format of the report. Without it the exit code decides; for tests that must be set explicitly: `exit-code`.",
    ),
    ...commonEntries,
    enabled: maybe(flag, "false switches the runner off. Default true."),
  }),
  (runner) => placeholderProblems("command", runner.command, runner),
);

/** Dialect "runners". */
export const runnersFileSchema = table({
  $schema: schemaKey,
  name: about(text, "Name of the plugin."),
  version: maybe(v.string("a string"), "Version of the plugin."),
  description: maybe(v.string("a string"), "One line for people."),
  runners: about(v.array(runnerSchema, "a list of runners"), "The runners."),
});

export const pluginSchema = ruled(
  table({
    name: about(id, "Name of the plugin, and the id of its runner."),
    command: about(text, "Program to start."),
    args: maybe(
      v.array(v.pipe(v.string("a string"), noNul), "a list of strings"),
      "Its arguments, each passed as one; `<id>` becomes the run's id.",
    ),
    detect_file: maybe(detectSchema, "Applies when any one of these is found. Default: always."),
    parse_output: maybe(oneOf(parseOutputs), "How the result is read. Default `exit_code`."),
    cwd: maybe(path, "Folder to run in, relative to the project root. Default: the root."),
    timeout_ms: maybe(
      v.pipe(
        v.number("a positive number of milliseconds"),
        v.gtValue(0, "a positive number of milliseconds"),
        v.maxValue(2 ** 31 - 1, "at most 24 days in milliseconds"),
      ),
      "Time limit in milliseconds.",
    ),
    kind: maybe(
      kindSchema,
      "The gate it belongs to. Default: derived from `parse_output` and the name.",
    ),
  }),
  (plugin) => {
    const { command, resultFile } = readingOf(plugin);
    // The report's path comes from an argument, which is not checked elsewhere.
    const escape = resultFile === undefined ? undefined : pathProblem(resultFile);
    return [
      ...placeholderProblems("command", command, { result_file: resultFile }),
      ...escape === undefined ? [] : [{
        path: ["args"],
        message: `the report ${JSON.stringify(resultFile)} is refused: ${escape}`,
      }],
    ];
  },
);

/** Dialect "plugins". */
export const pluginsFileSchema = table({
  $schema: schemaKey,
  plugins: about(v.array(pluginSchema, "a list of plugins"), "The plugins."),
});

export type PluginEntry = v.InferOutput<typeof pluginSchema>;
