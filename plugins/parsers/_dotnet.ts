/** Shared by the reports of .NET's test tools: NUnit's own XML, and trx. */

import { framesOf, ownFrame } from "./_frames.ts";
import type { Places } from "./_source_file.ts";
import { detailsText, firstLine } from "./_text_clean.ts";
import { textLimit, XmlReader } from "./_xml.ts";
import type { Attributes } from "./_xml_scan.ts";

/** Tracks the open elements, and the text of the innermost if it is wanted. */
export abstract class DotnetReader extends XmlReader {
  /** Names of the open elements. */
  protected readonly path: string[] = [];
  protected said = "";
  /** Names of the elements whose text is wanted. */
  protected abstract readonly texts: ReadonlySet<string | undefined>;

  /** An element was opened; it is last in the path. */
  protected abstract opened(name: string, attributes: Attributes): void;
  /** An element was closed; it is no longer in the path. */
  protected abstract closed(name: string): void;

  open(name: string, attributes: Attributes): void {
    this.path.push(name);
    this.said = "";
    this.opened(name, attributes);
  }

  close(name: string): void {
    this.path.pop();
    this.closed(name);
    this.said = "";
  }

  wantsText(): boolean {
    return this.texts.has(this.path.at(-1));
  }

  text(text: string): void {
    this.said = (this.said + text).slice(0, textLimit);
  }
}

/** The fields of an event that say what failed, from a message and a stack trace. */
export function failureFields(message: string, stackTrace: string, places: Places) {
  if (message === "" && stackTrace === "") return {};
  const details = detailsText(
    [message, stackTrace].filter((part) => part.trim() !== "").join("\n"),
  );
  const frames = framesOf(stackTrace, places);
  const own = ownFrame(frames) ?? frames[0];
  return {
    message,
    details: details.trim() === firstLine(message) ? undefined : details,
    frames,
    file: own?.file,
    line: own?.line,
  };
}
