/** The command of `assay run -- COMMAND`: defined on the command line instead of in a file. */

import { usageError, UserError } from "../errors.ts";
import type { Kind } from "../model.ts";
import { commonFields } from "./_define.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { pathProblem } from "./paths.ts";
import { isBlankLine, shellLine } from "../text/shell.ts";
import { sandboxSetting } from "./sandbox.ts";
import { presetNames } from "../sandbox/presets.ts";
import type { CommandDef, SandboxSetting } from "./types.ts";
import { parseDuration } from "./units.ts";

export interface AdHocOptions {
  /** Without it, no gate is judged. */
  readonly kind: Kind | undefined;
  readonly format: string | undefined;
  readonly resultFile: string | undefined;
  readonly timeout: string | undefined;
  readonly sandbox: string | undefined;
  readonly knownFormats: readonly string[];
}

/**
 * Makes the definition. A single word is used as a shell line (`assay run -- "a && b"`); several are a
 * program and its arguments, each kept as one word.
 */
export function adHocCommand(words: readonly string[], options: AdHocOptions): CommandDef {
  const { kind = "test", format = "exit-code", resultFile, knownFormats } = options;
  const command = words.length === 1 ? words[0]! : shellLine(words);
  if (isBlankLine(command)) throw usageError("The command after -- is empty");
  if (!knownFormats.includes(format)) {
    throw new UserError(`--format ${format}: unknown format${didYouMean(format, knownFormats)}`, {
      code: "unknown_format",
      hint: `formats: ${knownFormats.join(", ")}`,
    });
  }
  const problem = resultFile === undefined ? undefined : pathProblem(resultFile);
  if (problem !== undefined) throw usageError(`--result-file ${resultFile}: ${problem}`);
  if (resultFile !== undefined && format === "exit-code") {
    throw usageError("--result-file needs --format, the format of that file");
  }
  return {
    id: "run",
    kind,
    hasNoKind: options.kind === undefined,
    source: "command",
    command,
    detect: [],
    ...(resultFile === undefined ? {} : { resultFile }),
    resultFormat: format,
    ...commonFields(kind, {}),
    ...(options.timeout === undefined ? {} : { timeoutMs: timeoutOf(options.timeout) }),
    ...(options.sandbox === undefined ? {} : { sandbox: presetOf(options.sandbox) }),
    enabled: true,
    captureEnv: [],
    extensionData: {},
    origin: { file: "command line", plugin: "run", dialect: "commands" },
  };
}

function presetOf(name: string): SandboxSetting {
  const preset = presetNames.find((each) => each === name);
  if (preset !== undefined) return sandboxSetting(preset);
  const why = `--sandbox ${name}: unknown preset${didYouMean(name, presetNames)}`;
  throw usageError(why, `presets: ${presetNames.join(", ")}`);
}

function timeoutOf(text: string): number {
  const ms = parseDuration(/^\d+$/.test(text) ? Number(text) : text);
  if (ms !== undefined) return ms;
  throw usageError(`--timeout ${text}: expected a duration such as 30s, 5m or a number of seconds`);
}
