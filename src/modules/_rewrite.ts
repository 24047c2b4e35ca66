/**
 * Rewrites a module to what is imported: every specifier names a file of the graph, `import.meta` is that of
 * the module's own address, and an import that is computed at run time fails.
 */

import { type Analysis, type ModuleImport, placeOf } from "./_analyse.ts";

/** The files a rewritten module consists of. */
export interface Rewritten {
  readonly code: string;
  /** The text of the module it takes `import.meta` from, when it needs one. */
  readonly meta: string | undefined;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** How a module is rewritten. */
export interface RewriteOptions {
  /** What `import.meta.url` says. */
  readonly url: string;
  /** The name of the file with its `import.meta`. */
  readonly metaFile: string;
  /** The specifier to write for an import. */
  readonly specifierOf: (each: ModuleImport) => string;
}

/** Rewrites a module. Lines stay where they are. */
export function rewrite(analysis: Analysis, options: RewriteOptions): Rewritten {
  const { code, imports, computed, metas } = analysis;
  const [meta, fails] = ["__assay_meta", "__assay_import"].map((name) => unused(name, code));
  const edits: Edit[] = [
    ...metas.map(({ start, end }) => ({ start, end, text: meta! })),
    ...computed.map((start) => ({ start, end: start + "import".length, text: fails! })),
    ...imports.flatMap((each) => importEdits(code, each, options.specifierOf(each))),
  ];
  const body = applyEdits(code, edits);
  if (metas.length === 0 && computed.length === 0) return { code: body, meta: undefined };
  const names = `meta as ${meta}, computedImport as ${fails}`;
  const prelude = `import { ${names} } from "./${options.metaFile}"; `;
  const at = computed.map((offset) => placeOf(code, offset).line);
  return { code: prelude + body, meta: metaModule(options.url, at) };
}

function importEdits(code: string, each: ModuleImport, specifier: string): Edit[] {
  const { start, end, quote, kind } = each;
  const text = JSON.stringify(specifier);
  if (kind === "dynamic") return [{ start, end, text: `import(${text})` }];
  const keyword = code.slice(start, start + "import".length);
  return [{ start, end: start + keyword.length, text: keyword }, { start: quote, end, text }];
}

/** An identifier that the code does not hold. */
function unused(name: string, code: string): string {
  return code.includes(name) ? unused(`${name}_`, code) : name;
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  let [result, offset] = ["", 0];
  for (const { start, end, text } of edits.toSorted((a, b) => a.start - b.start)) {
    result += disarm(code.slice(offset, start)) + text;
    offset = end;
  }
  return result + disarm(code.slice(offset));
}

const blank = String.raw`(?:\s|/\*(?:[^*]|\*(?!/))*\*/|//[^\n\r\u2028\u2029]*[\n\r\u2028\u2029])*`;
const unseenFrom = new RegExp(String.raw`(?<![\w$\\])from(?=${blank}["'])`, "g");

/**
 * Makes sure that no import is left which the lexer did not see. It guesses where regular expressions
 * begin, and who knows how it guesses can hide an import from it: `a = function () {} /import("x")/ 1`.
 *
 * What it did not see is a mere word, in a string, a comment, a regular expression or a property's name:
 * there an escape changes nothing. But a keyword must not be escaped (ECMAScript, "Keywords and Reserved
 * Words"): what was an import after all does not even parse. The same holds for the `from` of an `export`.
 * Where a backslash stands before the word it cannot be a keyword.
 */
function disarm(text: string): string {
  return text.replaceAll(/(?<![\w$\\])import(?![\w$])/g, "\\u0069mport")
    .replaceAll(unseenFrom, "\\u0066rom");
}

/** Modules in a cycle may ask before their own first line has run: this one always ran before them. */
function metaModule(url: string, computedLines: readonly number[]): string {
  const why = `${url}: import() of a specifier that is computed at run time (line ` +
    `${computedLines.join(", ")}) is not possible in a plugin: write the specifier as a literal`;
  const path = url.startsWith("file:") ? decodeURIComponent(new URL(url).pathname) : undefined;
  const place = path === undefined ? {} : {
    filename: path,
    dirname: path.slice(0, path.lastIndexOf("/")) || "/",
  };
  return `const properties = ${JSON.stringify({ url, main: false, ...place })};
const resolve = (specifier) => {
  const text = \`\${specifier}\`;
  if (/^(?:\\.{0,2}\\/|[a-z][a-z0-9+.-]*:)/i.test(text)) return new URL(text, properties.url).href;
  throw new TypeError(\`\${text}: a bare name cannot be resolved\`);
};
export const meta = Object.assign(Object.create(null), properties, { resolve });
export const computedImport = () => Promise.reject(new TypeError(${JSON.stringify(why)}));
`;
}
