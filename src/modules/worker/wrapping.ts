/** What an engine's `wrap` returned, as JSON can carry it: files as Base64. */

import { maxFilesBytes } from "../../sandbox/wrapped.ts";

/** Bytes that are turned into text at once. */
const chunk = 8192;

/**
 * Turns files into text. What is too large is refused before it is copied: a copy could end the whole program.
 * Everything else is looked at by whoever reads it.
 */
export function wrapping(made: unknown): unknown {
  if (typeof made !== "object" || made === null || Array.isArray(made)) return made;
  const { files, ...others } = made as { readonly files?: unknown };
  if (typeof files !== "object" || files === null || Array.isArray(files)) return made;
  let left = maxFilesBytes;
  const texts = Object.entries(files).map(([name, bytes]) => {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`the file ${name} must be a Uint8Array`);
    }
    left -= bytes.length;
    if (left < 0) throw new RangeError(`its files have more than ${maxFilesBytes} bytes in all`);
    return [name, base64(bytes)];
  });
  return { ...others, files: Object.fromEntries(texts) };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += chunk) {
    text += String.fromCharCode(...bytes.subarray(start, start + chunk));
  }
  return btoa(text);
}
