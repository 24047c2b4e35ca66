/**
 * Checks that every imported name is exported, so that a missing one is reported with its module's address
 * before anything runs. Deno drops imports that are only used as types; erasing cannot know them.
 */

import { placeOf } from "./_analyse.ts";
import { type Graph, type GraphModule, moduleOf } from "./_load.ts";
import { refusal } from "./_refusal.ts";
import type { Target } from "./_resolve.ts";

/**
 * @throws {UserError} `module_export_missing`, or `module_not_js` for JSON imported without the attribute, or
 * for another module imported with it.
 */
export function checkLinks(graph: Graph): void {
  for (const module of graph.modules.values()) {
    checkTypes(graph, module);
    checkNames(graph, module);
  }
}

function checkTypes(graph: Graph, { url, analysis, targets }: GraphModule): void {
  for (const { specifier, json } of analysis.imports) {
    const target = targets.get(specifier);
    const imported = moduleOf(graph, target);
    const isJson = imported?.type === "json";
    if (isJson === json) continue;
    const refused = { url: imported?.url ?? specifier, importer: url };
    const [why, hint] = isJson
      ? ["it is JSON and imported as a module of code", 'Write `with { type: "json" }`']
      : ['it is not JSON but imported with { type: "json" }', "Leave the attribute out"];
    throw refusal("module_not_js", refused, why, hint);
  }
}

function checkNames(graph: Graph, module: GraphModule): void {
  const { code, imports, exports } = module.analysis;
  for (const { specifier, kind, start, quote } of imports) {
    if (kind === "dynamic") continue;
    const isExport = code.startsWith("export", start);
    const names = importedNames(code.slice(start + "import".length, quote));
    if (names === undefined) {
      const place = { url: module.url, importer: module.importer, ...placeOf(code, start) };
      throw refusal("module_invalid_syntax", place, "it holds an import that cannot be read");
    }
    if (!isExport) requireAll(graph, module, specifier, start, names);
  }
  for (const each of exports) {
    if (each.type !== "reexport" || each.importName === null) continue;
    const { specifier, start } = imports.find(({ specifier }) => specifier === each.from) ??
      { specifier: each.from, start: each.exportStart };
    requireAll(graph, module, specifier, start, [each.importName]);
  }
}

function requireAll(
  graph: Graph,
  importer: GraphModule,
  specifier: string,
  start: number,
  names: readonly string[],
): void {
  const target = importer.targets.get(specifier);
  for (const name of names) {
    if (target === undefined || provides(graph, target, unescaped(name), new Set())) continue;
    const place = placeOf(importer.analysis.code, start);
    const why = `it imports "${name}" from "${specifier}", which does not export it`;
    const hint =
      `If it is a type, write \`import type { ${name} }\`: types are erased one module at ` +
      "a time";
    const refused = { url: importer.url, importer: importer.importer, ...place };
    throw refusal("module_export_missing", refused, why, hint);
  }
}

/** Whether a target exports a name; assumed when it cannot be known. */
function provides(graph: Graph, target: Target, name: string, seen: Set<string>): boolean {
  if (target.kind === "builtin") return target.builtin.exports.includes(name);
  const module = moduleOf(graph, target);
  if (module === undefined) return true;
  if (seen.has(module.url)) return false;
  seen.add(module.url);
  return module.analysis.exports.some((each) => {
    if (each.type !== "reexport-all") return unescaped(each.name) === name;
    const next = module.targets.get(each.from);
    return name !== "default" && next !== undefined && provides(graph, next, name, seen);
  });
}

/** An identifier may be written with escapes. */
function unescaped(name: string): string {
  return name.replaceAll(
    /\\u(?:\{([0-9a-f]+)\}|([0-9a-f]{4}))/gi,
    (_, braced, four) => String.fromCodePoint(parseInt(braced ?? four, 16)),
  );
}

// The text between `import` and the specifier: the names it binds.

const comments = /\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n\r\u2028\u2029]*/g;
const names = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,{}*"']+/g;

/**
 * The names that an import takes from its module, without `*`. `undefined` when the text is not an import
 * clause: then this is not really an import.
 */
export function importedNames(clause: string): string[] | undefined {
  const text = clause.replaceAll(comments, " ");
  const words = text.match(names) ?? [];
  if (words.some((word) => !/^["']/.test(word) && /[^\w$\\{}\u0080-\uffff]/.test(word))) {
    return undefined;
  }
  const braced = /\{([^}]*)\}/.exec(text);
  const listed = (braced?.[1] ?? "").split(",").flatMap((part) => {
    const [name] = part.match(names) ?? [];
    return name === undefined ? [] : [/^["']/.test(name) ? name.slice(1, -1) : name];
  });
  const [first = "from"] = text.trimStart().match(/^[^\s,{}*"']+/) ?? [];
  const isDefault = first !== "from" || /^\s*from\s+from\s*$/.test(text);
  return isDefault && first !== "" ? ["default", ...listed] : listed;
}
