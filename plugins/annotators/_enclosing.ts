/**
 * The function and class a line is in. A heuristic that knows how a language writes its blocks but not its
 * grammar: if what it sees is inconsistent it returns nothing, because a wrong name is misleading.
 */

/** Longer sources are data or generated. */
const longest = 512 * 1024;

/**
 * What a line of the source is in, such as `Cart.total`, outermost first; nothing if it is in none, or
 * if that is unclear.
 */
export function enclosingIn(file: string, source: string): (line: number) => string | undefined {
  const language = languageOf(file);
  if (language === undefined || source.length > longest) return () => undefined;
  const code = withoutText(source.replaceAll(/\r\n?/g, "\n"), language);
  const blocks = language.blocks === "braces" ? braceBlocks : indentBlocks;
  return (line) => {
    const names = blocks(code, line, language);
    return names === undefined || names.length === 0 ? undefined : names.join(".");
  };
}

/** The code with comments and strings blanked out, every line and column in place. */
function withoutText(source: string, { text }: Language): string {
  return source.replaceAll(text, (found) => found.replaceAll(/[^\n]/g, " "));
}

/**
 * Names of the blocks around a line in languages with indented blocks: of all lines above that are
 * indented less than those below them, the ones that begin a function or class. `undefined` if
 * tabs and blanks are mixed, because the indentation is then ambiguous.
 */
function indentBlocks(code: string, line: number, language: Language): string[] | undefined {
  const lines = code.split("\n");
  const names: string[] = [];
  let at = lastWithCode(lines, line - 1);
  let indent = Infinity;
  let style: string | undefined;
  for (; at >= 0 && indent > 0; at--) {
    const text = lines[at]!;
    const code = text.trimStart();
    // A closing bracket ends a block's header, or a value: what it closes began above.
    if (code === "" || /^[)\]}]/.test(code)) continue;
    const white = text.slice(0, text.length - code.length);
    if (white !== "") {
      const own = white.includes("\t") ? white.includes(" ") ? "mixed" : "tabs" : "blanks";
      style ??= own;
      if (own === "mixed" || own !== style) return undefined;
    }
    if (white.length >= indent) continue;
    indent = white.length;
    const name = language.nameOf(code)?.name;
    if (name !== undefined) names.unshift(name);
  }
  return names;
}

/** A blank line belongs to the line above it. */
function lastWithCode(lines: readonly string[], at: number): number {
  while (at >= 0 && lines[at]?.trim() === "") at--;
  return at;
}

/** A block in braces, with its header, and the text between it and what is before it. */
interface Block {
  readonly from: number;
  readonly to: number;
  readonly header: string;
}

/** An open bracket, and where the text begins that may be the header of the next block in it. */
interface Open {
  readonly bracket: string;
  readonly at: number;
  /** Where the header of this bracket's block begins. */
  readonly headerAt: number;
  next: number;
}

const closes: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** What follows a type or pattern in braces within a header. */
const continuation = /\s*[{>|&)=,:]/y;

/** Characters of a header that are examined, from its end: data may be long. */
const headerLimit = 2_000;

/**
 * Names of the blocks around a line in languages with braces, outermost first. `undefined` if
 * brackets do not match, or if two blocks share the line and it is unclear which is meant.
 */
function braceBlocks(code: string, line: number, language: Language): string[] | undefined {
  const extent = extentOf(code, line);
  const named = blocksAround(code, extent)
    ?.toSorted((a, b) => a.from - b.from)
    .flatMap((block) => {
      const name = language.nameOf(block.header.slice(-headerLimit).trim());
      return name === undefined ? [] : [{ block: { ...block, from: startOf(block, name) }, name }];
    })
    .filter(({ block }) => block.from <= extent.to);
  if (named === undefined) return undefined;
  const isNested = named.every(({ block }, index) => {
    const outer = named[index - 1]?.block;
    return outer === undefined || (block.from > outer.from && block.to <= outer.to);
  });
  return isNested ? namesOf(named.map(({ name }) => name)) : undefined;
}

/** The position of the name: before it the header may contain statements without semicolons. */
function startOf({ from, header }: Block, { name }: Name): number {
  const last = name.slice(name.lastIndexOf(".") + 1);
  return from + Math.max(0, header.trimStart().lastIndexOf(last));
}

/** Inside a function, what looks like a method is a statement with a block. */
function namesOf(names: readonly Name[]): string[] {
  const kept: string[] = [];
  let inFunction = false;
  for (const { name, kind } of names) {
    if (kind === "method" && inFunction) continue;
    kept.push(name);
    inFunction = kind !== "type";
  }
  return kept;
}

interface Extent {
  readonly from: number;
  readonly to: number;
}

function extentOf(code: string, line: number): Extent {
  let from = 0;
  for (let at = 1; at < line; at++) from = code.indexOf("\n", from) + 1;
  const end = code.indexOf("\n", from);
  return { from, to: end < 0 ? code.length : end };
}

function blocksAround(code: string, { from, to }: Extent): Block[] | undefined {
  const blocks: Block[] = [];
  const stack: Open[] = [{ bracket: "", at: 0, headerAt: 0, next: 0 }];
  for (const { 0: sign, index } of code.matchAll(/[()[\]{};]/g)) {
    const top = stack.at(-1)!;
    if (sign === ";") top.next = index + 1;
    else if (closes[sign] === undefined) {
      stack.push({ bracket: sign, at: index, headerAt: top.next, next: index + 1 });
    } else {
      if (top.bracket !== closes[sign]) return undefined;
      stack.pop();
      if (sign !== "}") continue;
      const block = blockOf(code, top, index);
      if (block.from <= to && block.to >= from) blocks.push(block);
      const outer = stack.at(-1)!;
      continuation.lastIndex = index + 1;
      if (outer.bracket !== "(" && !continuation.test(code)) outer.next = index + 1;
    }
  }
  return stack.length === 1 ? blocks : undefined;
}

function blockOf(code: string, { headerAt, at }: Open, to: number): Block {
  const header = code.slice(headerAt, at);
  return { from: headerAt + header.length - header.trimStart().length, to, header };
}

// What the text before a block means: the header of a function, a method, a type, or neither.

/** The name a header gives its block. */
interface Name {
  readonly name: string;
  /** A `method` is recognised by its form alone, which inside a function may be a statement's. */
  readonly kind: "function" | "method" | "type";
}

/** The name in a header, or nothing. */
type NameOf = (header: string) => Name | undefined;

/** Patterns as source text. */
const raw = String.raw;

/** A name in a program, for a pattern with the flag `u`. */
const word = raw`[\p{L}_$][\p{L}\p{N}_$]*`;

/** The last match of a pattern; the name is its groups joined by a dot. */
function pattern(kind: Name["kind"], source: string): NameOf {
  const expression = new RegExp(source, "gmu");
  return (header) => {
    const groups = [...header.matchAll(expression)].at(-1)?.groups;
    if (groups === undefined) return undefined;
    return { kind, name: Object.values(groups).filter((part) => part !== undefined).join(".") };
  };
}

type Tag = (raw: TemplateStringsArray, ...parts: readonly string[]) => NameOf;
const aFunction: Tag = (...text) => pattern("function", raw(...text));
const aType: Tag = (...text) => pattern("type", raw(...text));

/** The first of several ways that finds a name. */
function either(...ways: readonly NameOf[]): NameOf {
  return (header) => {
    for (const way of ways) {
      const found = way(header);
      if (found) return found;
    }
    return undefined;
  };
}

/** The form of a method, unless its name is a statement's keyword. */
function method(source: string, statements: readonly string[]): NameOf {
  const named = pattern("method", source);
  return (header) => {
    const found = named(header);
    return found && !statements.includes(found.name) ? found : undefined;
  };
}

/** Removes text inside brackets: `f(a(b)) g<X>()` becomes `f() g<X>()`. */
function flat(header: string): string {
  let depth = 0;
  let text = "";
  for (const character of header) {
    if (character === ")" || character === "]") depth--;
    if (depth === 0) text += character;
    if (character === "(" || character === "[") depth++;
  }
  return text;
}

// How languages write comments, strings, and the headers of functions and types.

interface Language {
  readonly blocks: "braces" | "indentation";
  /** Comments and strings; an unclosed one extends to the end, so that none is scanned twice. */
  readonly text: RegExp;
  readonly nameOf: NameOf;
}

const control = ["if", "for", "while", "switch", "catch", "do", "else", "return", "try", "with"];

/** The end of the source, since `$` is the end of a line. */
const end = raw`$(?![\s\S])`;
const slashes = raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|${end})`;
const double = raw`"(?:\\.|[^"\\\n])*"`;
const single = raw`'(?:\\.|[^'\\\n])*'`;
/** A character literal; not a lifetime, or an apostrophe in a number. */
const character = raw`'(?:\\[^'\n]+|\\'|[^'\\\n])'`;
const triple = raw`"""[\s\S]*?(?:"""|${end})`;

function anyOf(...texts: readonly string[]): RegExp {
  return new RegExp(texts.join("|"), "gm");
}

const python: Language = {
  blocks: "indentation",
  text: anyOf(triple, triple.replaceAll('"', "'"), double, single, "#[^\\n]*"),
  nameOf: either(
    aFunction`^(?:async\s+)?def\s+(?<name>${word})`,
    aType`^class\s+(?<name>${word})`,
  ),
};

const ruby: Language = {
  blocks: "indentation",
  text: anyOf(
    raw`^=begin\b[\s\S]*?(?:^=end\b|${end})`,
    raw`<<[~-]?(["']?)([A-Z]\w*)\1[\s\S]*?(?:\n[ \t]*\2\b|${end})`,
    double,
    single,
    "#[^\\n]*",
  ),
  nameOf: either(
    aFunction`^(?:\w+\s+)?def\s+(?:self\.)?(?<name>${word}[?!=]?)`,
    aType`^(?:class|module)\s+(?<name>${word}(?:::${word})*)`,
  ),
};

const modifiers =
  "(?:(?:public|private|protected|static|async|override|readonly|abstract|get|set)\\s+)*";
const generics = raw`(?:<[^()]*>)?\s*`;

const javascriptNames = either(
  aFunction`\bfunction\s*\*?\s*(?<name>${word})\s*${generics}\(`,
  aType`^\s*(?:(?:export|default|declare|abstract)\s+)*(?:class|interface|enum|namespace)\s+(?<name>${word})`,
  aFunction`^(?:[\s\S]*\b)?(?:const|let|var)\s+(?<name>${word})[^=]*=\s*(?:(?:async\s*)?function\b[\s\S]*|[^=][\s\S]*=>\s*)$(?![\s\S])`,
  method(
    raw`^\s*${modifiers}\*?\s*(?<name>#?${word})\s*${generics}\(\)\s*(?::[^=]*)?$(?![\s\S])`,
    [...control, "function", "await", "super"],
  ),
);

const javascript: Language = {
  blocks: "braces",
  text: anyOf(
    slashes,
    double,
    single,
    `\`(?:\\\\[\\s\\S]|[^\`\\\\])*(?:\`|${end})`,
    // A slash begins a regular expression where a value is allowed.
    raw`(?<=(?:[=(,:;!&|?{}\[+]|\breturn|^)[ \t]*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\\\n\[])+\/`,
  ),
  nameOf: (header) => javascriptNames(flat(header)),
};

const go: Language = {
  blocks: "braces",
  text: anyOf(slashes, double, character, `\`[^\`]*(?:\`|${end})`),
  nameOf: either(
    aFunction`^func\s*\([^()]*?(?<type>${word})\s*(?:\[[^\]]*\]\s*)?\)\s*(?<name>${word})\s*[(\[]`,
    aFunction`^func\s+(?<name>${word})\s*[(\[]`,
    aType`^\s*type\s+(?<name>${word})\b`,
  ),
};

const rust: Language = {
  blocks: "braces",
  text: anyOf(
    slashes,
    raw`\br(?<hashes>#*)"[\s\S]*?(?:"\k<hashes>|${end})`,
    raw`"(?:\\[\s\S]|[^"\\])*(?:"|${end})`,
    character,
  ),
  nameOf: either(
    aFunction`\bfn\s+(?<name>${word})`,
    aType`^\s*(?:unsafe\s+)?impl\b[^;]*?\bfor\s+&?(?<name>${word})`,
    aType`^\s*(?:unsafe\s+)?impl\s*(?:<[^;]*?>\s*)?(?<name>${word})`,
    aType`\b(?:struct|enum|trait|mod|union)\s+(?<name>${word})`,
  ),
};

/** What may be between a method's arguments and its body. */
const tail =
  raw`\s*(?:(?:const|noexcept|override|final|volatile|mutable|&&?)\b\s*|(?:throws|where)\b[^=;]*|->\s*\w[^=;]*|:\s*\w[^=;]*)*`;

const curlyMethod = method(
  // Before the name come a type, annotations and modifiers: no value, and no list.
  raw`^(?:(?:<[^()=]*>|[^=,;<>])*[\s*&>\])])?(?<name>~?${word}(?:::~?${word})*)\s*\(\)${tail}$(?![\s\S])`,
  [
    ...control,
    ...["synchronized", "using", "lock", "foreach", "fixed", "checked", "when"],
    ...["sizeof", "defined", "alignas", "decltype", "noexcept", "__attribute__"],
  ],
);

/** An expression with its own body, such as an anonymous class. */
const expression = /\b(?:new|return|throw|case|goto)\b/;

function curly(types: NameOf): NameOf {
  const name = either(types, curlyMethod);
  return (header) => {
    const plain = flat(header).replaceAll(/\btemplate\s*<(?:[^<>]|<[^<>]*>)*>/g, " ");
    return expression.test(plain) ? undefined : name(plain);
  };
}

const java: Language = {
  blocks: "braces",
  text: anyOf(slashes, triple, double, character),
  nameOf: curly(
    aType`\b(?:class|interface|enum|record|struct|namespace)\s+(?<name>${word}(?:\.${word})*)(?![^{]*=)`,
  ),
};

const c: Language = {
  blocks: "braces",
  // The preprocessor may open one block twice: if it is then inconsistent, no name is given.
  text: anyOf(slashes, double, character, raw`^[ \t]*#[^\n]*`),
  nameOf: curly(
    aType`\b(?:enum\s+class|enum\s+struct|class|struct|union|enum|namespace)\s+(?<name>${word}(?:::${word})*)(?![^{]*[(=])`,
  ),
};

const byEnding: readonly (readonly [RegExp, Language])[] = [
  [/\.(?:py|pyi)$/i, python],
  [/\.(?:rb|rake)$/i, ruby],
  [/\.[cm]?[jt]sx?$/i, javascript],
  [/\.go$/i, go],
  [/\.rs$/i, rust],
  [/\.(?:java|cs)$/i, java],
  [/\.(?:c|h|cc|cpp|cxx|hh|hpp|hxx)$/i, c],
];

/** The language of a file by its extension, if known. */
function languageOf(file: string): Language | undefined {
  return byEnding.find(([ending]) => ending.test(file))?.[1];
}
