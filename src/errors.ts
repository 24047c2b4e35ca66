/**
 * Exit codes and the errors that carry them. A failing test or a closed gate is data, never an
 * exception: what is thrown here is wrong input from the user or a bug of ours.
 *
 * @module
 */

/** The exit code of every verb. Documented once, in docs/verdicts.md, "Exit codes". */
export const ExitCode = {
  /** Ready for review, or the verb did what was asked. */
  ok: 0,
  /** The checks ran and failed. */
  failed: 1,
  /** The user's input is wrong: usage, config, plugin. */
  usage: 2,
  /** No verdict was possible: a required check is unknown. */
  blocked: 3,
  /** A bug of assay's own. */
  internal: 70,
  /** SIGINT or SIGTERM stopped the verb. */
  interrupted: 130,
} as const;

/** One of the numbers in {@linkcode ExitCode}. */
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** Where in a file the user's input is wrong; lines and columns count from 1. */
export interface ErrorPlace {
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** Dotted path of the key, such as `runners[0].detect_file`. */
  readonly key?: string;
}

type Maybe<T> = { [Key in keyof T]: T[Key] | undefined };

/** What a {@linkcode UserError} holds in addition to its message. */
export interface UserErrorOptions extends Maybe<ErrorPlace> {
  /** Stable code for machines, such as `config_invalid`. */
  readonly code?: string;
  /** What the user can do about it, as an imperative sentence. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The user's input is wrong. Ends the verb with exit code 2. The message says what failed, on what
 * and why; the hint says what to do.
 */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly code: string;
  readonly hint: string | undefined;
  readonly place: ErrorPlace;

  constructor(message: string, options: UserErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const { code, hint, cause: _cause, ...place } = options;
    this.code = code ?? "invalid_input";
    this.hint = hint;
    const known = Object.entries(place).filter(([, value]) => value !== undefined);
    this.place = Object.fromEntries(known);
  }
}

/** The command line is wrong. */
export function usageError(message: string, hint?: string): UserError {
  return new UserError(message, { code: "usage", hint });
}

/** The user's input is fine, but no verdict was possible. Ends the verb with exit code 3. */
export class Blocked extends UserError {
  override readonly name = "Blocked";
}

/** Several errors from one reading, reported together so that the user can fix them in one go. */
export class UserErrors extends UserError {
  override readonly name = "UserErrors";
  readonly errors: readonly UserError[];

  constructor(errors: readonly UserError[]) {
    super(errors.map((error) => error.message).join("\n"), { code: "invalid_input" });
    this.errors = errors;
  }
}

/** Deno's message where the process does not have a permission. */
const refusal = /^Requires (\w+) access(?: to (.+?))?,? (?:run again with|specify)/s;

/** The user error for a permission that assay was started without; `undefined`: another error. */
export function missingPermission(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  // A module that may not be read is a `TypeError`.
  const found = refusal.exec(error.message);
  if (!found && error.name !== "NotCapable") return undefined;
  const [, name = "all", quoted = ""] = found ?? [];
  const what = quoted.replace(/^"(.*)"$/s, "$1");
  const value = name === "run" ? what.replace(/.*\//s, "") : what;
  // Files read and environment variables cannot be listed beforehand.
  const isListed = ["run", "write", "net"].includes(name) && value !== "" && !value.includes(" ");
  const flag = `--allow-${name}${isListed ? `=${value}` : ""}`;
  const why = `it needs ${name} access${what && ` to ${what}`}`;
  return new UserError(`assay was started without ${flag}: ${why}`, {
    code: "permission_missing",
    hint: `Add ${flag} to the flags of \`deno run\`; docs/permissions.md says what each is for`,
    cause: error,
  });
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A plugin failed: only its own contribution is lost. The message names the plugin's part and the call. */
export class PluginError extends Error {
  override readonly name = "PluginError";
}
