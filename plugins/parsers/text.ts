/**
 * Diagnostics in the output of tools that have no report format: `file:line:col: severity: message` and what
 * else compilers, linters and interpreters print. Such output has no required end and claims nothing, so
 * this explains a verdict and never decides one: it is read if a command failed without naming an event.
 */

import type { DiagnosticReportEvent, Frame } from "../../src/plugin.ts";
import { stripAnsi } from "../../src/text/clean.ts";
import { diagnosticEvent } from "./_events.ts";
import { framesOf, ownFrame } from "./_frames.ts";
import { type Line, LineReader, lineReports } from "./_lines.ts";
import { type Places, sourceFile } from "./_source_file.ts";
import { type Found, foundIn, fromGroups } from "./_text_patterns.ts";

/** Maximum number of diagnostics reported; fix these first. */
export const diagnosticLimit = 1000;

/** Maximum number of characters examined per line. */
const lineLimit = 2000;

export const parse = lineReports((context) => new TextReader(context), lineLimit * 4);

/** What a terminal would show of a line: no colours, and of a progress bar only the last state. */
function visible(text: string): string {
  // Some logs have lost the escape character and kept the rest of the sequence: `[0;31m`.
  const plain = stripAnsi(text).slice(0, lineLimit)
    .replace(/\[(?:\d{1,3};){0,4}\d{0,3}m/g, "").trimEnd();
  return plain.slice(plain.lastIndexOf("\r") + 1);
}

class TextReader extends LineReader {
  override readonly mayBeEmpty = true;
  readonly #seen = new Set<string>();
  #block: Block | undefined;
  /** The file that a headline of ESLint's or Stylelint's names for the lines below it. */
  #file: string | undefined;
  #raised: string | undefined;

  get #isFull(): boolean {
    return this.#seen.size >= diagnosticLimit;
  }

  read({ text }: Line): void {
    // At the limit the input is still read to its end, as a parser must.
    if (this.#isFull) return;
    const line = visible(text);
    if (this.#block && this.#readBlock(line)) return;
    const found = foundIn(line) ?? this.#stylish(line) ?? this.#pytest(line);
    if (found) this.#tell(found);
    else this.#block = Block.begin(line);
  }

  finish(): void {
    const found = this.#block?.found(this.context);
    this.#block = undefined;
    if (found) this.#tell(found);
  }

  /** @return whether the line belongs to the block */
  #readBlock(line: string): boolean {
    const { taken, done } = this.#block!.add(line);
    if (done) this.finish();
    return taken;
  }

  /** ESLint and Stylelint: a file's name, and below it `  12:3  error  message  rule`. */
  #stylish(line: string): Found | undefined {
    if (/^(?:[A-Za-z]:)?[^\s:][^:]{0,300}\.\w{1,10}$/.test(line)) this.#file = line;
    const groups =
      /^\s+(?<line>\d{1,9}):(?<column>\d{1,9})\s+(?<severity>error|warning|info|[✖×⚠ℹ])\s+(?<message>\S.*)$/
        .exec(line)?.groups;
    if (!groups || this.#file === undefined) return undefined;
    const [message = "", rule] = groups.message!.split(/\s{2,}(?=\S+$)/);
    return fromGroups({ ...groups, file: this.#file, message, rule });
  }

  /** pytest: lines `E   AssertionError: …`, and below them `tests/test_a.py:45: AssertionError`. */
  #pytest(line: string): Found | undefined {
    const raised = /^E {2,}(\S.*)/.exec(line);
    if (raised && (this.#raised === undefined || /^[\w.]+(?:Error|Exception)\b/.test(raised[1]!))) {
      this.#raised = raised[1];
    }
    const groups = /^(?<file>[^\s:]{1,300}\.py):(?<line>\d{1,9}): (?<message>[A-Z]\w*)$/.exec(line)
      ?.groups;
    if (!groups) return undefined;
    const message = this.#raised ?? groups.message;
    this.#raised = undefined;
    return fromGroups({ ...groups, severity: "error", message }, "pytest");
  }

  #tell(found: Found & Pick<DiagnosticReportEvent, "details" | "frames">): void {
    const event = diagnosticEvent({
      ...found,
      file: sourceFile(found.file, this.context),
    });
    const key = [event.file, event.line, event.column, event.message].join("\n");
    if (this.#isFull || this.#seen.has(key)) return;
    this.#seen.add(key);
    this.emit(event);
  }
}

// What compilers and interpreters print on several lines: a headline, and where it was further down.

/** Lines examined after the headline. */
const bodyLimit = 80;

/** How a block begins, and how its lines are read. */
interface Kind {
  readonly headline: RegExp;
  /** Whether a line, after those of the body, ends the block and is read separately. Default: a blank one. */
  readonly isOver?: (line: string, body: readonly string[]) => boolean;
  readonly isLast?: (line: string) => boolean;
  /** The message, when it is not in the headline; nothing when the block turns out to be none. */
  readonly message?: (body: readonly string[]) => string | undefined;
  readonly tool?: string;
}

const isBlank = (line: string) => line.trim() === "";
const firstFilled = (body: readonly string[]) => body.find((line) => !isBlank(line))?.trim();
const isRaised = (line: string) => /^[\w.$]{0,200}(?:Error|Exception)\b/.test(line);
const isIndented = (line: string) => /^\s/.test(line);

const kinds: readonly Kind[] = [
  // Python, with or without the line `Traceback`; a SyntaxError has none. The last line is the message.
  {
    headline: /^\s*(?:Traceback \(most recent call last\):|File "[^"\n]{1,300}", line \d+)/,
    isOver: () => false,
    isLast: (line) => /^[A-Za-z_][\w.]{0,200}(?::|$)/.test(line),
    message: (body) => body.findLast((line) => /^[A-Za-z_][\w.]{0,200}(?::|$)/.test(line)),
    tool: "python",
  },
  {
    headline:
      /^CMake (?<severity>Error|Warning)[^:\n]{0,40} at (?<file>[^:\n]{1,300}):(?<line>\d{1,9})/,
    isOver: (line) => !isBlank(line) && !isIndented(line),
    message: firstFilled,
    tool: "cmake",
  },
  {
    headline: /^\* What went wrong:/,
    isOver: (line) => line.startsWith("* Try"),
    message: firstFilled,
  },
  // Rust since 1.73, and before it with the message in quotes.
  {
    headline:
      /^thread '[^'\n]{0,200}' (?:\(\d+\) )?panicked at (?<file>[^:'\n]{1,300}):(?<line>\d+):(?<column>\d+):$/,
    message: firstFilled,
  },
  {
    headline:
      /^thread '[^'\n]{0,200}' panicked at '(?<message>[^\n]*)', (?<file>[^:\n]{1,300}):(?<line>\d+):(?<column>\d+)$/,
  },
  // deno fmt --check: a file's name over its differences.
  {
    headline: /^from (?<file>[^\n]{1,300}):$/,
    message: (body) =>
      /^\s*\d+ \| [-+]/.test(body[0] ?? "") ? "the file is not formatted" : undefined,
    tool: "deno fmt",
  },
  { headline: /^(?<rule>TS\d+) \[(?<severity>ERROR|WARN)\]: (?<message>.+)/ },
  // rustc, deno, git, curl and others begin like this
  {
    headline:
      /^(?<severity>[Ee]rror|ERROR|[Ww]arning|fatal)(?:\[(?<rule>[\w:/-]{1,60})\])?: (?<message>.+)/,
  },
  {
    headline: /^(?<message>(?:panic|fatal error): .+)/,
    isOver: (line) => /^(?:exit status|FAIL|ok|---)\b/.test(line),
  },
  // Node: the place, the line of source, a caret, a blank line, the error, its stack.
  {
    headline: /^(?<file>[^\s:]{1,300}\.[cm]?[jt]sx?):(?<line>\d{1,9})$/,
    isOver: (line, body) =>
      body.some(isRaised) ? !/^\s+at /.test(line) : body.length >= 6 && !isRaised(line),
    message: (body) => body.find(isRaised),
  },
  // Exceptions of JavaScript and the JVM
  {
    headline:
      /^(?:Uncaught |Caused by: |Exception in thread "[^"\n]{0,100}" )?(?<message>(?:[\w$]+\.)*[\w$]*(?:Error|Exception)(?: \[\w+\])?: .+)/,
  },
];

/** Lines that only count earlier messages. */
const summary =
  /^(?:aborting due to|could not compile|Test failed|Found \d+|\d+ (?:errors?|warnings?)\b|Type checking failed|test failed, to rerun|\S{1,100} (?:\([^)\n]{1,100}\) )?generated \d+ warning)/;

class Block {
  readonly #kind: Kind;
  readonly #headline: string;
  readonly #groups: Readonly<Record<string, string | undefined>>;
  readonly #body: string[] = [];

  private constructor(kind: Kind, headline: RegExpExecArray) {
    this.#kind = kind;
    this.#headline = headline[0];
    this.#groups = headline.groups ?? {};
  }

  /** The block that a line begins, if it begins one. */
  static begin(line: string): Block | undefined {
    for (const kind of kinds) {
      const headline = kind.headline.exec(line);
      if (headline) return new Block(kind, headline);
    }
    return undefined;
  }

  /** @return whether the line belongs to the block, and whether the block is complete */
  add(line: string): { readonly taken: boolean; readonly done: boolean } {
    const isOver = this.#kind.isOver ?? isBlank;
    if (isOver(line, this.#body) || this.#body.length >= bodyLimit) {
      return { taken: false, done: true };
    }
    this.#body.push(line);
    return { taken: true, done: this.#kind.isLast?.(line) ?? false };
  }

  /** The block's diagnostic; nothing if it only counts, or turned out to be something else. */
  found(
    places: Places,
  ): (Found & { readonly details: string; readonly frames: readonly Frame[] }) | undefined {
    const { message: ofBody, tool } = this.#kind;
    const message = ofBody ? ofBody(this.#body) : this.#groups.message;
    if (message === undefined || summary.test(message)) return undefined;
    const details = [this.#headline, ...this.#body].join("\n");
    const frames = framesOf(details, places);
    const found = fromGroups({
      ...this.#groups,
      severity: this.#groups.severity ?? "error",
      message,
    }, tool);
    const place = found.file === undefined
      ? this.#arrow() ?? ownFrame(frames) ?? frames[0]
      : undefined;
    return { ...found, ...place, message: found.message, details, frames };
  }

  /** `--> src/main.rs:15:5`, as rustc and deno point at the place. */
  #arrow(): Pick<Found, "file" | "line" | "column"> | undefined {
    for (const line of this.#body) {
      const groups =
        /^\s*(?:-->|╭─\[)\s?(?<file>[^\n]{1,300}?):(?<line>\d{1,9}):(?<column>\d{1,9})\]?$/
          .exec(line)?.groups;
      if (groups) {
        return { file: groups.file!, line: Number(groups.line), column: Number(groups.column) };
      }
    }
    return undefined;
  }
}
