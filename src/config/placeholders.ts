/** Placeholders of commands: `{{run_id}}`, `{{run_dir}}`, `{{result_file}}`, `{{files}}`, `<run_id>`, `<id>`. */

import { UserError } from "../errors.ts";
import { didYouMean } from "../text/did_you_mean.ts";
import { isBlankLine } from "../text/shell.ts";
import type { Problem } from "./_schema.ts";

export interface PlaceholderValues {
  readonly run_id: string;
  readonly run_dir: string;
  readonly result_file: string;
  /** Shell words; absent for none. */
  readonly files?: string;
}

/** The names allowed between `{{` and `}}`. */
export const placeholderNames = ["run_id", "run_dir", "result_file", "files"] as const;

/**
 * A name between double braces, or one of the two older spellings of the run's id. `{{.Name}}` of Go
 * templates and the shell's `${NAME}` are neither.
 */
const placeholder = /\{\{\s*([A-Za-z_][\w.-]*)\s*\}\}|<(?:run_id|id)>/g;

/** `{name}` of a command template; not a part of `${name}` or `{{name}}`. */
const parameter = /(?<![{$])\{([A-Za-z_]\w*)\}(?!\})/g;

/** Fills the placeholders of a text. Filled-in text is not expanded again. */
export function fillPlaceholders(text: string, values: PlaceholderValues): string {
  return text.replace(placeholder, (_, name: string | undefined) => {
    if (name === undefined) return values.run_id;
    if (isPlaceholder(name)) return values[name] ?? "";
    throw new UserError(unknownPlaceholder(name), { code: "placeholder_unknown" });
  });
}

/** What is wrong with the placeholders in the command under `key` and in its report's path. */
export function placeholderProblems(
  key: string,
  command: string,
  { result_file = "", files }: {
    readonly result_file?: string | undefined;
    readonly files?: readonly string[];
  } = {},
): Problem[] {
  const [inCommand, inPath] = [usedPlaceholders(command), usedPlaceholders(result_file)];
  const unknown = (names: readonly string[]) =>
    names.filter((name) => !isPlaceholder(name)).map(unknownPlaceholder);
  const rules = [
    [key, isBlankLine(command), `"${key}" is only a comment`],
    [
      key,
      inCommand.includes("result_file") && result_file === "",
      "{{result_file}} has no value: there is no result_file",
    ],
    [
      key,
      inCommand.includes("files") && files === undefined,
      "{{files}} has no value: `files` has no globs",
    ],
    [
      key,
      /["']\{\{\s*files\s*\}\}|\{\{\s*files\s*\}\}["']/.test(command),
      "{{files}} must not be quoted: each file is quoted already",
    ],
    ["result_file", inPath.includes("result_file"), "{{result_file}} cannot contain itself"],
    ["result_file", inPath.includes("files"), "{{files}} is only for the command"],
  ] as const;
  return [
    ...unknown(inCommand).map((message) => ({ path: [key], message })),
    ...unknown(inPath).map((message) => ({ path: ["result_file"], message })),
    ...rules.filter(([, isBroken]) => isBroken).map(([at, , message]) => ({ path: [at], message })),
  ];
}

/** The names a text uses between double braces. */
export function usedPlaceholders(text: string): string[] {
  return [...text.matchAll(placeholder)].flatMap(([, name]) => name ?? []);
}

function isPlaceholder(name: string): name is keyof PlaceholderValues {
  return (placeholderNames as readonly string[]).includes(name);
}

function unknownPlaceholder(name: string): string {
  const known = placeholderNames.map((each) => `{{${each}}}`).join(", ");
  return `unknown placeholder {{${name}}}` +
    (didYouMean(name, placeholderNames) || `; known are ${known}`);
}

/** The `{name}` parameters of a command template, each once. */
export function templateParameters(template: string): string[] {
  return [...new Set([...template.matchAll(parameter)].map(([, name]) => name!))];
}

/**
 * Fills the `{name}` parameters of a command template from `given` (the command line), else from
 * `defaults`. Values are inserted as shell text: callers must quote values from elsewhere.
 *
 * @throws {UserError} when a parameter has no value, or a value has no parameter.
 */
export function fillTemplate(
  template: string,
  defaults: Readonly<Record<string, string>>,
  given: Readonly<Record<string, string>>,
): string {
  const parameters = templateParameters(template);
  for (const name of Object.keys(given)) {
    if (parameters.includes(name)) continue;
    throw new UserError(`Unknown parameter "${name}"${didYouMean(name, parameters)}`, {
      code: "parameter_unknown",
      hint: parameters.length > 0
        ? `parameters: ${parameters.join(", ")}`
        : "the command takes no parameters",
    });
  }
  const values = new Map([...Object.entries(defaults), ...Object.entries(given)]);
  return template.replace(parameter, (_, name: string) => {
    const value = values.get(name);
    if (value !== undefined) return value;
    throw new UserError(`The parameter "${name}" has no value`, {
      code: "parameter_missing",
      hint: `give it as ${name}=VALUE, or a default in the command's "defaults"`,
    });
  });
}
