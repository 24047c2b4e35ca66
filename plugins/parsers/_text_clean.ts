/**
 * Makes a report's text fit to keep and to print: a report is written by the code under test, so it
 * may contain terminal commands, halves of characters and lines of a megabyte. The result is
 * well-formed Unicode, moves no cursor, reorders no text and has a known maximum length.
 */

import { stripAnsi } from "../../src/text/clean.ts";
import { truncate } from "../../src/text/words.ts";
/** Maximum length of a one-line message, in UTF-16 code units. */
export const messageLimit = 1000;

/** Maximum length of details (stack trace, diff), in UTF-16 code units. */
export const detailsLimit = 32 * 1024;

// In addition to controls: bidirectional overrides and isolates, which let text pose as other text.
// deno-lint-ignore no-control-regex
const unsafe = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff]/;
const unsafeAll = new RegExp(unsafe.source, "g");

/** Everything that a one-line text may need cleaning for, in one test: there are many names. */
// deno-lint-ignore no-control-regex
const special = /[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]/;

/**
 * Makes text safe to keep and print: no terminal sequences, lone surrogates as U+FFFD, line ends as
 * `\n`, other control characters as their visible pictures (`␀`), bidirectional overrides gone.
 */
export function cleanText(text: string): string {
  const formed = text.isWellFormed() ? text : text.toWellFormed();
  if (!unsafe.test(formed)) return formed;
  return stripAnsi(formed).replace(/\r\n?/g, "\n").replace(unsafeAll, picture);
}

function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code === 0x2028 || code === 0x2029) return "\n";
  return code < 0xa0 ? "\ufffd" : "";
}

/** The first line that is not blank, cleaned, trimmed and at most `maxChars` long; `""` if none. */
export function firstLine(text: string, maxChars: number = messageLimit): string {
  // Generous room for what cleaning removes; a message does not begin after 64 KiB of blanks.
  const clean = cleanText(text.length > 65_536 ? text.slice(0, 65_536) : text);
  const line = /\S[^\n]*/.exec(clean)?.[0] ?? "";
  return truncate(line.trimEnd(), maxChars);
}

/** A name (of a test, a suite, a file) on one line, cleaned and at most `maxChars` long. */
export function oneLine(text: string, maxChars: number = messageLimit): string {
  if (text.length <= maxChars && !special.test(text)) return text;
  const clean = cleanText(text.slice(0, maxChars * 4));
  return truncate(clean.replace(/\s*\n\s*/g, " ").trim(), maxChars);
}

/** Longer text, cleaned, without blank ends and at most `maxChars` long. */
export function detailsText(text: string, maxChars: number = detailsLimit): string {
  const room = maxChars * 2;
  const clean = cleanText(text.length > room ? `${text.slice(0, room)}…` : text);
  return truncate(clean.replace(/^\s*\n/, "").trimEnd(), maxChars);
}
