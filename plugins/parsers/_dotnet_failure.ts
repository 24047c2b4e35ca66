/**
 * Message and stack trace, two elements in the reports of .NET's test tools.
 *
 * @module
 */

import type { Frame } from "../../src/plugin.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import type { Places } from "./_source_file.ts";
import { detailsText, firstLine } from "./_text_clean.ts";

/** The fields of an event that tell of a failure; each absent when there is nothing to tell. */
export interface FailureText {
  message?: string;
  details?: string;
  frames?: readonly Frame[];
  file?: string;
  line?: number;
}

/** Message, details, frames and place of a failure. */
export function failureText(message: string, stackTrace: string, places: Places): FailureText {
  const text: FailureText = {};
  const first = firstLine(message);
  if (first !== "") text.message = first;
  const details = detailsText(
    [message, stackTrace].filter((part) => part.trim() !== "").join("\n"),
  );
  if (details !== "" && details.trim() !== first) text.details = details;
  const frames = framesOf(stackTrace, places);
  if (frames.length > 0) text.frames = frames;
  const own = ownFrame(frames) ?? frames[0];
  if (own) text.file = own.file;
  if (own?.line !== undefined) text.line = own.line;
  return text;
}
