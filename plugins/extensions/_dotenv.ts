/**
 * Reads `.env` files. There is no standard of them; this is what the common readers agree on:
 *
 * - one `NAME=VALUE` a line, `export ` before it is passed over, blanks around `=` too; empty lines and lines
 *   that begin with `#` say nothing.
 * - a value without quotes ends before ` #` or with its line, and loses the blanks around it.
 * - `'…'` is taken as it stands, `"…"` knows `\n`, `\r`, `\t`, `\"`, `\\`, `\$` and `` \` ``; both may go over
 *   several lines.
 * - `$NAME` and `${NAME}` stand for what is set so far, outside `'…'`; `\$` is a dollar. A variable that is not set
 *   is empty, and told.
 * - `\r\n` ends a line as `\n` does, a byte order mark at the beginning is passed over.
 *
 * Whatever else is there is an error with file and line, never a guess. No error holds a value.
 *
 * @module
 */

/** Adds what the text says to `env`, which is also where expansion looks. */
export function readDotenv(
  text: string,
  file: string,
  env: Record<string, string>,
  warn: (message: string) => void,
): void {
  new Reader(text, file, env, warn).read();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #env: Record<string, string>;
  readonly #warn: (message: string) => void;
  #at = 0;
  /** Where what was taken last began. */
  #mark = 0;

  constructor(
    text: string,
    file: string,
    env: Record<string, string>,
    warn: (message: string) => void,
  ) {
    this.#text = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
    this.#file = file;
    this.#env = env;
    this.#warn = warn;
  }

  read(): void {
    for (;;) {
      this.#take(/(?:\s|#[^\n]*(?:\n|$))*/y);
      if (this.#at >= this.#text.length) return;
      const [, name] = this.#take(/(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*=/y) ??
        this.#fail("expected NAME=VALUE");
      this.#env[name!] = this.#value();
    }
  }

  #value(): string {
    const [, quote] = this.#take(/[ \t]*(['"])/y) ?? [];
    if (quote === undefined) return this.#expanded(this.#unquoted(), /\\(\$)/);
    const text = quote === "'" ? this.#quoted(/([^']*)'/y) : this.#quoted(/((?:[^"\\]|\\[^])*)"/y);
    const value = quote === "'" ? text : this.#expanded(text, /\\([nrt"\\$`])/);
    if (!this.#take(/[ \t]*(?=\n|$)|[ \t]+#[^\n]*/y)) {
      this.#fail("there is more after the closing quote");
    }
    return value;
  }

  #unquoted(): string {
    const [line] = this.#take(/[^\n]*/y)!;
    return line.replace(/\s#.*$/, "").trim();
  }

  #quoted(pattern: RegExp): string {
    const [, text] = this.#take(pattern) ?? this.#fail("the quote is not closed");
    return text!;
  }

  /** Replaces escapes and variables, in one go: what a variable holds is not looked at again. */
  #expanded(text: string, escape: RegExp): string {
    const pattern = new RegExp(
      `${escape.source}|\\$\\{(?<braced>[^}]*)(?<close>\\}?)|\\$(?<plain>[A-Za-z_]\\w*)`,
      "g",
    );
    return text.replace(pattern, (...match) => {
      const escaped: string | undefined = match[1];
      if (escaped !== undefined) return escapes[escaped] ?? escaped;
      const { braced, close, plain } = match.at(-1) as Record<string, string | undefined>;
      const at = this.#mark + (match.at(-3) as number);
      if (braced !== undefined && !(close && /^[A-Za-z_]\w*$/.test(braced))) {
        this.#fail("of ${…} only ${NAME} is known", at);
      }
      return this.#variable((plain ?? braced)!, at);
    });
  }

  #variable(name: string, at: number): string {
    const value = this.#env[name];
    if (value === undefined) {
      this.#warn(`${this.#place(at)}: $${name} is not set, so it is empty`);
    }
    return value ?? "";
  }

  /** Matches a sticky pattern here and goes behind it. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return undefined;
    this.#mark = this.#at;
    this.#at = pattern.lastIndex;
    return match;
  }

  #fail(why: string, at = this.#at): never {
    throw new Error(`${this.#place(at)}: ${why}`);
  }

  #place(at: number): string {
    return `${this.#file}:${this.#text.slice(0, at).split("\n").length}`;
  }
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };
