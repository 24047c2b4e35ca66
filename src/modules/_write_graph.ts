/** Builds a loaded graph and puts it into the cache. */

import { join } from "@std/path";
import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import { type Analysis, type ModuleImport, placeOf } from "./_analyse.ts";
import { orUnwritable, readSealed, seal, sealedText } from "./_cache.ts";
import { type Graph, type GraphModule, moduleOf } from "./_load.ts";
import { typeByName } from "./_media_type.ts";
import {
  type BuildRecord,
  type BuiltModule,
  byFirst,
  checkOutputs,
  graphKey,
  graphPaths,
  type KeptGraph,
  transform,
} from "./_record.ts";
import { ulid } from "../ulid.ts";
import { isLocal } from "./_resolve.ts";

/** Writes the graph under its key. The same sources produce the same bytes anywhere. */
export async function writeGraph(io: Io, url: string, graph: Graph): Promise<KeptGraph> {
  const files = await fileNames(io, graph);
  const outputs = outputsOf(graph, files);
  const modules = [...graph.modules.values()].map(builtModule)
    .sort((a, b) => byFirst([a.url], [b.url]));
  const redirects = Object.fromEntries([...graph.redirects].sort(byFirst));
  const record: BuildRecord = {
    version: 1,
    transform,
    url,
    entry: files.get(graph.entry)!,
    modules,
    redirects,
    ...nodeModulesOf(graph),
    outputs: await hashes(io, outputs),
  };
  const key = await graphKey(io, record);
  const text = `${JSON.stringify(record, undefined, 1)}\n`;
  const sealed = await seal(io, graphPaths(io, key).record, text);
  await place(io, key, outputs, sealedText(sealed));
  return { key, record, sha256: sealed.sha256 };
}

function builtModule({ url, sha256, bytes, type }: GraphModule): BuiltModule {
  const said = type === typeByName(url) ? {} : { type };
  return { url, sha256, bytes, ...said, local: isLocal(url) };
}

/** The name of each module's file: the end of its address, so that stack traces can be read. */
async function fileNames(io: Io, graph: Graph): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const url of graph.modules.keys()) {
    const last = url.startsWith("data:") ? "data" : /([^/]*)\/?$/.exec(new URL(url).pathname)?.[1];
    const slug = (last || "index").replaceAll(/[^\w.-]/g, "_").slice(0, 40);
    const id = (await io.sha256(new TextEncoder().encode(url))).slice(0, 16);
    names.set(url, `${slug}-${id}.js`);
  }
  return names;
}

function outputsOf(
  graph: Graph,
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const outputs = new Map<string, string>();
  for (const { url, analysis, targets } of graph.modules.values()) {
    const file = files.get(url)!;
    const metaFile = file.replace(/\.js$/, ".meta.js");
    const specifierOf = ({ specifier }: { readonly specifier: string }) => {
      const target = targets.get(specifier)!;
      if (target.kind === "node") return target.url;
      if (target.kind === "builtin") return `./${target.builtin.file}`;
      return `./${files.get(moduleOf(graph, target)!.url)!}`;
    };
    const { code, meta } = rewrite(analysis, { url, metaFile, specifierOf });
    outputs.set(file, code);
    if (meta !== undefined) outputs.set(metaFile, meta);
    for (const target of targets.values()) {
      if (target.kind !== "builtin") continue;
      outputs.set(target.builtin.file, target.builtin.code);
    }
  }
  return new Map([...outputs].sort(byFirst));
}

function nodeModulesOf(graph: Graph): Pick<BuildRecord, "nodeModules"> {
  const names = [...graph.modules.values()].flatMap(({ targets }) =>
    [...targets.values()].flatMap((target) => target.kind === "node" ? [target.url] : [])
  );
  return names.length === 0 ? {} : { nodeModules: [...new Set(names)].sort() };
}

async function hashes(io: Io, outputs: ReadonlyMap<string, string>) {
  const result: Record<string, string> = {};
  for (const [file, code] of outputs) {
    result[file] = await io.sha256(new TextEncoder().encode(code));
  }
  return result;
}

/** Writes next to the target and renames: readers see the whole graph or none. */
async function place(
  io: Io,
  key: string,
  outputs: ReadonlyMap<string, string>,
  record: string,
): Promise<void> {
  const target = graphPaths(io, key).folder;
  const temporary = `${target}.${ulid(io)}.tmp`;
  await orUnwritable(target, async () => {
    await io.fs.mkdir(join(temporary, "modules"));
    for (const [file, code] of outputs) {
      await io.fs.writeText(join(temporary, "modules", file), code);
    }
    await io.fs.writeText(join(temporary, "build.json"), record);
    await moveInto(io, temporary, target, record);
  });
  await removeLeftovers(io, join(target, ".."));
}

async function moveInto(io: Io, temporary: string, target: string, record: string): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      return await io.fs.rename(temporary, target);
    } catch (error) {
      if (attempt === 3 || await io.fs.lstat(target) === undefined) throw error;
    }
    if (await isWhole(io, target, record)) return await io.fs.remove(temporary);
    const old = `${temporary}.${attempt}.old.tmp`;
    await io.fs.rename(target, old);
    await io.fs.remove(old);
  }
}

/** Whether what another assay put there, or was already there, is this exact graph, undamaged. */
async function isWhole(io: Io, folder: string, record: string): Promise<boolean> {
  try {
    const found = await readSealed(io, join(folder, "build.json"));
    if (found === undefined || sealedText(found) !== record) return false;
    const { outputs } = JSON.parse(found.text) as BuildRecord;
    await checkOutputs(io, join(folder, "modules"), outputs);
    await readSealed(io, join(folder, "manifest.json"));
    return true;
  } catch (error) {
    // Damaged: that is the answer, and it is about to be replaced.
    if (error instanceof UserError) return false;
    throw error;
  }
}

const hour = 60 * 60 * 1000;

/** Leftovers of assays that were killed. */
async function removeLeftovers(io: Io, folder: string): Promise<void> {
  for (const { name } of await io.fs.list(folder)) {
    if (!name.endsWith(".tmp")) continue;
    const info = await io.fs.lstat(join(folder, name));
    if (info?.mtimeMs != null && info.mtimeMs < io.now() - hour) {
      await io.fs.remove(join(folder, name));
    }
  }
}

// Rewrites a module for import: every specifier names a file of the graph, `import.meta` is that of
// the module's own address, and imports computed at run time fail.

interface Rewritten {
  readonly code: string;
  /** The text of the module it takes `import.meta` from, when it needs one. */
  readonly meta: string | undefined;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

interface RewriteOptions {
  /** The value of `import.meta.url`. */
  readonly url: string;
  /** The name of the file with its `import.meta`. */
  readonly metaFile: string;
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

/** An identifier that does not occur in the code. */
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
 * Makes sure that the lexer did not miss any import. It guesses where regular expressions
 * begin, and someone who knows how can hide an import from it: `a = function () {} /import("x")/ 1`.
 *
 * What it skipped should be just a word in a string, comment, regular expression or property name:
 * there an escape changes nothing. But a keyword must not be escaped (ECMAScript, "Keywords and Reserved
 * Words"), so a real import no longer parses. The same holds for the `from` of an `export`.
 * After a backslash the word cannot be a keyword.
 */
function disarm(text: string): string {
  return text.replaceAll(/(?<![\w$\\])import(?![\w$])/g, "\\u0069mport")
    .replaceAll(unseenFrom, "\\u0066rom");
}

/** Modules in a cycle may ask before their own first line has run; this one always runs before them. */
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
