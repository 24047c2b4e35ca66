/** What an engine's `wrap` may put around a command. */

import type { SandboxEngine, Wrapped } from "../plugin.ts";
import { truncate } from "../text/words.ts";

/** Bytes of all files per engine and command. */
export const maxFilesBytes = 1024 * 1024;

/** Files per engine and command. */
const maxFiles = 64;

/** Arguments an engine may put in front of a command, and their characters in all. */
const maxArguments = 20_000;
const maxCharacters = 1024 * 1024;

/** A name that is not a path, an option or a hidden file. */
const plainName = /^\w[\w.-]{0,99}$/;

/**
 * Checks what `wrap` returned for `inner`, whose shape was checked. An argv that does not end with `inner` would run
 * something other than the command and call that sandboxed.
 *
 * @throws {TypeError} a sentence that says what is wrong.
 */
export function wrappedOf(
  value: Awaited<ReturnType<SandboxEngine["wrap"]>>,
  inner: readonly string[],
): Wrapped {
  const wrapped = "argv" in value ? value : { argv: value };
  const { argv, files = {} } = wrapped;
  const start = argv.length - inner.length;
  if (start < 0 || inner.some((each, index) => argv[start + index] !== each)) {
    throw wrong("it does not end with the argv it was given: the command would be dropped");
  }
  const added = argv.slice(0, start);
  if (added[0] === "") throw wrong("the program it begins with has no name");
  if (added.some((each) => each.includes("\0"))) throw wrong("an argument holds a NUL character");
  const characters = added.reduce((sum, { length }) => sum + length, 0);
  if (added.length > maxArguments || characters > maxCharacters) {
    throw wrong(`it adds more than ${maxArguments} arguments or ${maxCharacters} characters`);
  }
  const names = Object.keys(files);
  if (names.length > maxFiles) throw wrong(`it has more than ${maxFiles} files`);
  const bad = names.find((name) => !plainName.test(name));
  if (bad !== undefined) {
    const shown = JSON.stringify(truncate(bad, 100));
    throw wrong(`${shown} is not a plain file name (letters, digits and _, then also . and -)`);
  }
  if (Object.values(files).reduce((sum, { length }) => sum + length, 0) > maxFilesBytes) {
    throw wrong(`its files have more than ${maxFilesBytes} bytes in all`);
  }
  return wrapped;
}

function wrong(what: string): TypeError {
  return new TypeError(`wrap returned an unusable result: ${what}`);
}
