/**
 * Lint rules of the project's own, run by `deno lint`: imports flow one way (`circles.ts` holds it between files), built-in plugins use the
 * public contract and src/text alone, and the world is reached through `Io`. ARCHITECTURE ("Layers") has the picture.
 *
 * @module
 */

const root = new URL("../../", import.meta.url).pathname;

const inConfine =
  "it limits its own process by FFI and becomes the command: there is nothing that Io could stand for";

const inWorker =
  "it runs in a plugin's worker, where the worker's permissions take the place of Io";

/** Which file may break which rule, and why it must. */
const exceptions: readonly { rule: string; file: string; reason: string }[] = [
  { rule: "world", file: "src/main.ts", reason: "the composition root: it exits the process" },
  { rule: "world", file: "src/real_io.ts", reason: "it is the real Io" },
  { rule: "world", file: "src/real_file.ts", reason: "it is part of the real Io" },
  { rule: "world", file: "src/io.ts", reason: "isNotFound compares with Deno.errors.NotFound" },
  { rule: "world", file: "src/process/confine.ts", reason: inConfine },
  { rule: "world", file: "src/process/confine_main.ts", reason: inConfine },
  { rule: "world", file: "src/process/_libc.ts", reason: inConfine },
  { rule: "world", file: "src/modules/worker/files.ts", reason: inWorker },
  { rule: "world", file: "src/modules/worker/grants.ts", reason: inWorker },
  { rule: "world", file: "src/modules/worker/main.ts", reason: inWorker },
  { rule: "world", file: "src/modules/worker/safe_deno.ts", reason: inWorker },
];

/** Modules of Node's that a folder may load though others may not: their start-up cost was measured. */
const allowedNodeModules: Readonly<Record<string, readonly string[]>> = {
  "src/real_io.ts": ["node:sqlite", "node:crypto"],
  "src/real_file.ts": ["node:zlib"],
  "src/modules/_analyse.ts": ["node:module"],
  "src/store": ["node:sqlite"],
};

/** Each layer may import those before it; units of one layer do not import each other. */
export const layers: readonly (readonly string[])[] = [
  ["src/text"],
  ["src/contract", "src/errors.ts", "src/real_file.ts", "src/version.ts"],
  ["src/schema", "src/plugin.ts"],
  ["src/model.ts"],
  ["src/plugin_setting.ts"],
  ["src/io.ts"],
  ["src/failure.ts", "src/ulid.ts", "src/process"],
  ["src/git", "src/sandbox"],
  ["src/config", "src/modules", "src/store", "src/verdict", "src/report"],
  ["src/run"],
  ["src/hook"],
  ["src/commands"],
  ["src/cli", "src/real_io.ts"],
  ["src/mod.ts", "src/program.ts"],
  ["src/main.ts"],
];

const rankOf = new Map(layers.flatMap((units, rank) => units.map((unit) => [unit, rank])));

/** The compositions, a library and a program: the only files of `src` that may import the built-in plugins. */
const wiring = ["src/mod.ts", "src/program.ts"];

/** The unit a file belongs to: a folder of `src`, a file directly in it, or `plugins`. */
function unitOf(file: string): string {
  return /^(src\/[^/]+|plugins|[^/]+)/.exec(file)?.[1] ?? file;
}

function relativeToRoot(filename: string): string {
  const path = filename.replace(/^file:\/\//, "");
  return path.startsWith(root) ? path.slice(root.length) : path;
}

/** Files that only tests load: the tests, and what they share in a folder's `_testing.ts`. */
const testFile = /(_test|\/_testing)\.ts$/;

/** Whether the rules hold for a file: those of the program and its plugins that are no tests. */
function isGoverned(file: string): boolean {
  return /^(src|plugins)\//.test(file) && !testFile.test(file);
}

function isExcepted(rule: string, file: string): boolean {
  return exceptions.some((each) => each.rule === rule && each.file === file);
}

/** What is wrong with `file` importing the relative path `specifier`, or nothing. */
function layerProblem(file: string, specifier: string): string | undefined {
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
  const [from, to] = [unitOf(file), unitOf(target)];
  if (testFile.test(target)) return `${target} is for tests alone`;
  if (from === to) return undefined;
  if (to === "plugins") {
    return wiring.includes(file) ? undefined : `only ${wiring.join(" and ")} import plugins`;
  }
  const [fromRank, toRank] = [rankOf.get(from), rankOf.get(to)];
  if (fromRank === undefined) return `${from} has no layer; add it to tests/lint/layers.ts`;
  if (toRank === undefined) return `${to} has no layer; add it to tests/lint/layers.ts`;
  if (toRank < fromRank) return undefined;
  return `${from} must not import ${to}: imports flow ${layers[toRank]} ← ${layers[fromRank]}`;
}

/** What is wrong with the plugin `file` importing the relative path `specifier`, or nothing. */
function pluginProblem(file: string, specifier: string): string | undefined {
  const target = new URL(specifier, `file:///${file}`).pathname.slice(1);
  if (testFile.test(target)) return `${target} is for tests alone`;
  if (/^(src\/plugin\.ts$|src\/text\/|plugins\/)/.test(target)) return undefined;
  return `plugins import src/plugin.ts, src/text and their own files alone, not ${target}`;
}

/** What is wrong with `file` loading a module of Node's, or nothing. */
function nodeProblem(file: string, specifier: string): string | undefined {
  const allowed = [...allowedNodeModules[file] ?? [], ...allowedNodeModules[unitOf(file)] ?? []];
  if (allowed.includes(specifier)) return undefined;
  return `${specifier} costs start-up time or reaches the world around Io`;
}

type Import = Deno.lint.StringLiteral;

/** Calls `check` with every module specifier of a file, type imports included. */
function eachImport(check: (source: Import) => void): Deno.lint.LintVisitor {
  const literal = (node: Deno.lint.Expression | null | undefined) => {
    if (node?.type === "Literal" && typeof node.value === "string") check(node as Import);
  };
  return {
    ImportDeclaration: (node) => literal(node.source),
    ExportNamedDeclaration: (node) => literal(node.source),
    ExportAllDeclaration: (node) => literal(node.source),
    ImportExpression: (node) => literal(node.source),
    TSImportType: (node) => {
      if (node.argument.type === "TSLiteralType") literal(node.argument.literal as Import);
    },
  };
}

const worldNames = ["Deno", "console", "process", "Buffer"];

/** Whether an identifier is only a name: a property, a key, a type. */
function isMereName(node: Deno.lint.Identifier): boolean {
  const parent = node.parent as { type: string; computed?: boolean; range: [number, number] } & {
    property?: { range: [number, number] };
    key?: { range: [number, number] };
  };
  const isAt = (other?: { range: [number, number] }) => other?.range[0] === node.range[0];
  if (parent.type === "MemberExpression") return !parent.computed && isAt(parent.property);
  if (["Property", "MethodDefinition", "PropertyDefinition"].includes(parent.type)) {
    return !parent.computed && isAt(parent.key);
  }
  return parent.type.startsWith("TS");
}

function rule(
  name: string,
  governs: (file: string) => boolean,
  visit: (file: string, report: Deno.lint.RuleContext["report"]) => Deno.lint.LintVisitor,
): Record<string, Deno.lint.Rule> {
  return {
    [name]: {
      create(context) {
        const file = relativeToRoot(context.filename);
        if (!isGoverned(file) || !governs(file) || isExcepted(name, file)) return {};
        return visit(file, (data) => context.report(data));
      },
    },
  };
}

function importRule(
  name: string,
  governs: (file: string) => boolean,
  concerns: (specifier: string) => boolean,
  problemOf: (file: string, specifier: string) => string | undefined,
): Record<string, Deno.lint.Rule> {
  return rule(name, governs, (file, report) =>
    eachImport((node) => {
      const message = concerns(node.value) ? problemOf(file, node.value) : undefined;
      if (message) report({ node, message });
    }));
}

const isRelative = (specifier: string) => specifier.startsWith(".");

/** The plugin `deno.json` names. */
const plugin: Deno.lint.Plugin = {
  name: "assay",
  rules: {
    ...importRule("layers", (file) => file.startsWith("src/"), isRelative, layerProblem),
    ...importRule("plugins", (file) => file.startsWith("plugins/"), isRelative, pluginProblem),
    ...importRule("node", () => true, (specifier) => specifier.startsWith("node:"), nodeProblem),
    ...rule("world", () => true, (_file, report) => ({
      Identifier(node) {
        if (!worldNames.includes(node.name)) return;
        const object = node.parent.type === "MemberExpression" ? node.parent.object : undefined;
        const isGlobal = object?.type === "Identifier" && object.name === "globalThis";
        if (isMereName(node) && !isGlobal) return;
        report({ node, message: `${node.name} is the world: reach it through Io` });
      },
    })),
  },
};

export default plugin;
