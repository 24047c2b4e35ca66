/** How languages write comments, texts, and the headers of functions and types. */

import { either, flat, method, type NameOf, pattern, word } from "./_headers.ts";

/** What is known of one language. */
export interface Language {
  readonly blocks: "braces" | "indentation";
  /** Comments and texts; one that is not closed reaches to the end, so that none is looked at twice. */
  readonly text: RegExp;
  readonly nameOf: NameOf;
}

const control = ["if", "for", "while", "switch", "catch", "do", "else", "return", "try", "with"];

/** The end of the source, where `$` is the end of a line. */
const end = String.raw`$(?![\s\S])`;
const slashes = String.raw`\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|${end})`;
const double = String.raw`"(?:\\.|[^"\\\n])*"`;
const single = String.raw`'(?:\\.|[^'\\\n])*'`;
/** One character; a lifetime, or an apostrophe in a number, is none. */
const character = String.raw`'(?:\\[^'\n]+|\\'|[^'\\\n])'`;
const triple = String.raw`"""[\s\S]*?(?:"""|${end})`;

function anyOf(...texts: readonly string[]): RegExp {
  return new RegExp(texts.join("|"), "gm");
}

const python: Language = {
  blocks: "indentation",
  text: anyOf(triple, triple.replaceAll('"', "'"), double, single, "#[^\\n]*"),
  nameOf: either(
    pattern("function", String.raw`^(?:async\s+)?def\s+(?<name>${word})`),
    pattern("type", String.raw`^class\s+(?<name>${word})`),
  ),
};

const ruby: Language = {
  blocks: "indentation",
  text: anyOf(
    String.raw`^=begin\b[\s\S]*?(?:^=end\b|${end})`,
    String.raw`<<[~-]?(["']?)([A-Z]\w*)\1[\s\S]*?(?:\n[ \t]*\2\b|${end})`,
    double,
    single,
    "#[^\\n]*",
  ),
  nameOf: either(
    pattern("function", String.raw`^(?:\w+\s+)?def\s+(?:self\.)?(?<name>${word}[?!=]?)`),
    pattern("type", String.raw`^(?:class|module)\s+(?<name>${word}(?:::${word})*)`),
  ),
};

const modifiers =
  "(?:(?:public|private|protected|static|async|override|readonly|abstract|get|set)\\s+)*";
const generics = String.raw`(?:<[^()]*>)?\s*`;

const javascriptNames = either(
  pattern("function", String.raw`\bfunction\s*\*?\s*(?<name>${word})\s*${generics}\(`),
  pattern(
    "type",
    String
      .raw`^\s*(?:(?:export|default|declare|abstract)\s+)*(?:class|interface|enum|namespace)\s+(?<name>${word})`,
  ),
  pattern(
    "function",
    String
      .raw`^(?:[\s\S]*\b)?(?:const|let|var)\s+(?<name>${word})[^=]*=\s*(?:(?:async\s*)?function\b[\s\S]*|[^=][\s\S]*=>\s*)$(?![\s\S])`,
  ),
  method(
    String.raw`^\s*${modifiers}\*?\s*(?<name>#?${word})\s*${generics}\(\)\s*(?::[^=]*)?$(?![\s\S])`,
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
    // A slash begins a pattern where a value may stand.
    String
      .raw`(?<=(?:[=(,:;!&|?{}\[+]|\breturn|^)[ \t]*)\/(?![*\/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^\/\\\n\[])+\/`,
  ),
  nameOf: (header) => javascriptNames(flat(header)),
};

const go: Language = {
  blocks: "braces",
  text: anyOf(slashes, double, character, `\`[^\`]*(?:\`|${end})`),
  nameOf: either(
    pattern(
      "function",
      String
        .raw`^func\s*\([^()]*?(?<type>${word})\s*(?:\[[^\]]*\]\s*)?\)\s*(?<name>${word})\s*[(\[]`,
    ),
    pattern("function", String.raw`^func\s+(?<name>${word})\s*[(\[]`),
    pattern("type", String.raw`^\s*type\s+(?<name>${word})\b`),
  ),
};

const rust: Language = {
  blocks: "braces",
  text: anyOf(
    slashes,
    String.raw`\br(?<hashes>#*)"[\s\S]*?(?:"\k<hashes>|${end})`,
    String.raw`"(?:\\[\s\S]|[^"\\])*(?:"|${end})`,
    character,
  ),
  nameOf: either(
    pattern("function", String.raw`\bfn\s+(?<name>${word})`),
    pattern("type", String.raw`^\s*(?:unsafe\s+)?impl\b[^;]*?\bfor\s+&?(?<name>${word})`),
    pattern("type", String.raw`^\s*(?:unsafe\s+)?impl\s*(?:<[^;]*?>\s*)?(?<name>${word})`),
    pattern("type", String.raw`\b(?:struct|enum|trait|mod|union)\s+(?<name>${word})`),
  ),
};

/** What may stand between the brackets of a method's arguments and its body. */
const tail = String
  .raw`\s*(?:(?:const|noexcept|override|final|volatile|mutable|&&?)\b\s*|(?:throws|where)\b[^=;]*|->\s*\w[^=;]*|:\s*\w[^=;]*)*`;

const curlyMethod = method(
  // What stands before the name is a type, marks and modifiers: no value, and no list.
  String
    .raw`^(?:(?:<[^()=]*>|[^=,;<>])*[\s*&>\])])?(?<name>~?${word}(?:::~?${word})*)\s*\(\)${tail}$(?![\s\S])`,
  [
    ...control,
    ...["synchronized", "using", "lock", "foreach", "fixed", "checked", "when"],
    ...["sizeof", "defined", "alignas", "decltype", "noexcept", "__attribute__"],
  ],
);

/** An expression with a body of its own, such as an anonymous class. */
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
  nameOf: curly(pattern(
    "type",
    String
      .raw`\b(?:class|interface|enum|record|struct|namespace)\s+(?<name>${word}(?:\.${word})*)(?![^{]*=)`,
  )),
};

const c: Language = {
  blocks: "braces",
  // The preprocessor may open one block twice: what does not fit together then is not told.
  text: anyOf(slashes, double, character, String.raw`^[ \t]*#[^\n]*`),
  nameOf: curly(pattern(
    "type",
    String
      .raw`\b(?:enum\s+class|enum\s+struct|class|struct|union|enum|namespace)\s+(?<name>${word}(?:::${word})*)(?![^{]*[(=])`,
  )),
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

/** The language of a file by its ending, when it is one of those known. */
export function languageOf(file: string): Language | undefined {
  return byEnding.find(([ending]) => ending.test(file))?.[1];
}
