/** Reads one configuration file: its value and the positions of its keys. */

import { join } from "@std/path";
import { messageOf, UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { errorCode, isNotFound } from "../io.ts";
import { isTable } from "../text/values.ts";
import { JsonError, jsonSpans } from "../text/json.ts";
import { type KeyPath, keyText, type Position, positionOf, Positions } from "../text/positions.ts";
import { parseToml, scanToml, TomlError } from "../text/toml.ts";

export interface Document {
  /** Relative to the root, or the address of a module. */
  readonly file: string;
  readonly value: unknown;
  /** Positions of its keys; absent if the value comes from a module, not a file. */
  readonly positions?: () => Positions;
}

/** A table of a document whose content is not checked yet. */
export type Table = Record<string, unknown>;

/** What the name of a system error means to a user. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "no such file or folder",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "a file is where a folder must be",
  ELOOP: "its symbolic links go round in a circle",
};

/** The file's text, without its byte order mark unless that is kept; `undefined` if there is no such file. */
export async function readConfigText(
  io: Io,
  root: string,
  file: string,
  { keepMark = false } = {},
): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await io.fs.readBytes(file.startsWith("/") ? file : join(root, file));
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw unreadable(file, error);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: keepMark }).decode(bytes);
  } catch {
    // The decoder gives no details, and the position of the first wrong byte would not help.
    throw new UserError(`Cannot read ${file}: it is not UTF-8`, { code: "config_invalid", file });
  }
}

/** What a system error means to the user when a file cannot be read. */
export function unreadable(file: string, error: unknown): UserError {
  return new UserError(`Cannot read ${file}: ${reasonOf(error)}`, {
    code: "config_unreadable",
    file,
  });
}

/** The same for a file that cannot be written. */
export function unwritable(file: string, error: unknown): UserError {
  return new UserError(`Cannot write ${file}: ${reasonOf(error)}`, {
    code: "not_writable",
    file,
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  return reasons[errorCode(error) ?? ""] ?? messageOf(error);
}

/**
 * Parses a configuration file, TOML or JSON by its extension. Syntax errors and duplicate or reserved
 * keys are added to `errors`; returns `undefined` if nothing usable is left.
 */
export async function parseDocument(
  file: string,
  text: string,
  errors: UserError[],
): Promise<Document | undefined> {
  if (!/\.(?:json|toml)$/.test(file)) {
    errors.push(configError(file, "its name must end in .json or .toml"));
    return undefined;
  }
  const document = file.endsWith(".toml")
    ? await tomlDocument(file, text, errors)
    : parseJson(file, text, errors);
  // Rare enough to look for only if the text contains such a word.
  if (!document || !/__proto__|constructor|prototype|\\/.test(text)) return document;
  const reserved = document.positions?.().reserved ?? [];
  for (const path of reserved) {
    errors.push(documentError(document, path, `the key "${path.at(-1)}" is reserved`));
  }
  return reserved.length > 0 ? undefined : document;
}

function parseJson(file: string, text: string, errors: UserError[]): Document | undefined {
  const positions = new Positions(text);
  try {
    for (const { path, start, isRepeated } of jsonSpans(text)) {
      if (isRepeated) {
        const message = `duplicate key "${path.at(-1)}"; it is on line ${
          positions.at(path).line
        } already`;
        errors.push(configError(file, message, positionOf(text, start), path));
      } else positions.add(path, start);
    }
    return { file, value: JSON.parse(text), positions: () => positions };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    const message = `not valid JSON: it ${error.message}`;
    errors.push(syntaxError(file, message, positionOf(text, error.at)));
    return undefined;
  }
}

async function tomlDocument(
  file: string,
  text: string,
  errors: UserError[],
): Promise<Document | undefined> {
  let positions: Positions | undefined;
  try {
    // Most files are valid, so this is rarely needed.
    return {
      file,
      value: await parseToml(text),
      positions: () => positions ??= scanToml(text).positions,
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    errors.push(syntaxError(file, `not valid TOML: ${error.message}`, error));
    return undefined;
  }
}

function syntaxError(file: string, message: string, { line, column }: Position): UserError {
  return new UserError(`Cannot read ${file}: line ${line}, column ${column}: ${message}`, {
    code: "config_invalid",
    file,
    line,
    column,
  });
}

export function documentError(
  { file, positions }: Document,
  path: KeyPath,
  message: string,
  hint?: string,
): UserError {
  return configError(file, message, positions?.().at(path), path, hint);
}

/** The line of a key, as a field that is absent if there are no lines. */
export function lineOf({ positions }: Document, path: KeyPath): { readonly line?: number } {
  return positions ? { line: positions().at(path).line } : {};
}

export function configError(
  file: string,
  message: string,
  position?: Position,
  path?: KeyPath,
  hint?: string,
): UserError {
  const where = position === undefined ? "" : `line ${position.line}: `;
  return new UserError(`Cannot read ${file}: ${where}${message}`, {
    code: "config_invalid",
    file,
    ...position,
    ...{ key: path && keyText(path), hint },
  });
}

/** Errors by file, then by line. */
export function inOrder(errors: readonly UserError[], files: readonly string[]): UserError[] {
  const rank = ({ place }: UserError) => files.indexOf(place.file ?? "");
  return errors.toSorted((a, b) =>
    rank(a) - rank(b) || (a.place.line ?? 0) - (b.place.line ?? 0) ||
    (a.place.column ?? 0) - (b.place.column ?? 0)
  );
}

export function asTable(value: unknown): Table | undefined {
  return isTable(value) && !(value instanceof Date) ? value as Table : undefined;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
