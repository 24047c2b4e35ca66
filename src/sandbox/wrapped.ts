/** What an engine's `wrap` returned, of built-in engines and those of modules alike: believed no further. */

import type { Wrapped } from "../plugin.ts";
import { isTable } from "../text/values.ts";
import { truncate } from "../text/words.ts";

/** Bytes of all files of one engine and one command. */
export const maxFilesBytes = 1024 * 1024;

/** Files of one engine and one command. */
const maxFiles = 64;

/** Arguments an engine may put in front of a command, and their characters in all. */
const maxArguments = 20_000;
const maxCharacters = 1024 * 1024;

/** A name that is no path, no option and no hidden file. */
const plainName = /^\w[\w.-]{0,99}$/;

/**
 * Checks what `wrap` returned for `inner` and copies it, so that nothing of it changes afterwards. What does not
 * end with `inner` would run something else than the command and call that sandboxed.
 *
 * @throws {TypeError} a sentence that says what is wrong.
 */
export function wrappedOf(value: unknown, inner: readonly string[]): Wrapped {
  const { argv, files } = partsOf(value);
  const wrapped = argvOf(argv);
  const added = wrapped.slice(0, wrapped.length - inner.length);
  if (!endsWith(wrapped, inner)) {
    throw wrong("it does not end with the argv it was given: the command would be dropped");
  }
  if (added[0] === "") throw wrong("the program it begins with has no name");
  const characters = added.reduce((sum, { length }) => sum + length, 0);
  if (added.length > maxArguments || characters > maxCharacters) {
    throw wrong(`it adds more than ${maxArguments} arguments or ${maxCharacters} characters`);
  }
  return files === undefined ? { argv: wrapped } : { argv: wrapped, files: filesOf(files) };
}

function partsOf(value: unknown): { readonly argv: unknown; readonly files: unknown } {
  if (Array.isArray(value)) return { argv: value, files: undefined };
  if (!isTable(value)) throw wrong("it is neither an argv nor { argv, files }");
  const { argv, files, ...others } = value;
  const [other] = Object.keys(others);
  if (other !== undefined) throw wrong(`${JSON.stringify(other)} is not known in it`);
  return { argv, files };
}

function argvOf(value: unknown): string[] {
  const argv: unknown[] = Array.isArray(value) ? Array.from(value) : [];
  if (argv.length === 0) throw wrong("its argv must be a list of texts, the program first");
  for (const each of argv) {
    if (typeof each !== "string") throw wrong("its argv must be a list of texts");
    if (each.includes("\0")) throw wrong("an argument holds a NUL character");
  }
  return argv as string[];
}

function endsWith(argv: readonly string[], inner: readonly string[]): boolean {
  const start = argv.length - inner.length;
  return start >= 0 && inner.every((each, index) => argv[start + index] === each);
}

function filesOf(value: unknown): Record<string, Uint8Array> {
  if (!isTable(value)) throw wrong("its files must be a table of names and bytes");
  const entries = Object.entries(value);
  if (entries.length > maxFiles) throw wrong(`it has more than ${maxFiles} files`);
  let left = maxFilesBytes;
  const copies = entries.map(([name, bytes]) => {
    if (!plainName.test(name)) {
      throw wrong(
        `${shown(name)} is no plain name of a file: letters, digits and _, then also . and -`,
      );
    }
    if (!(bytes instanceof Uint8Array)) throw wrong(`the file ${name} must be a Uint8Array`);
    left -= bytes.length;
    if (left < 0) throw wrong(`its files have more than ${maxFilesBytes} bytes in all`);
    return [name, Uint8Array.from(bytes)] as const;
  });
  return Object.fromEntries(copies);
}

function shown(name: string): string {
  return JSON.stringify(truncate(name, 100));
}

function wrong(what: string): TypeError {
  return new TypeError(`wrap returned what cannot be used: ${what}`);
}
