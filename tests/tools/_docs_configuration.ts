/** The reference of the configuration files, out of their JSON Schemas. */

import { code, table } from "./_markdown.ts";

/** As much of a JSON Schema as the definitions of assay's files come to. */
interface Schema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** A table of a file, by what leads to it. */
interface Table {
  readonly path: readonly string[];
  readonly schema: Schema;
  readonly isList: boolean;
}

/** Makes the document. */
export function configurationReference(
  { config, plugins, commands }: Readonly<Record<"config" | "plugins" | "commands", unknown>>,
): string {
  return [
    "# Configuration",
    "Made by `deno task docs` from the definitions that check the files. All of them may be TOML or JSON, by their " +
    "ending; unknown keys are errors. The JSON Schemas are in [schemas](schemas); `assay schema NAME` prints them.",
    fileText(config as Schema),
    ...((plugins as Schema).anyOf ?? []).map((dialect, index) =>
      fileText({
        ...dialect,
        title: `${(plugins as Schema).title}: list "${["runners", "plugins"][index]}"`,
      })
    ),
    fileText(commands as Schema),
  ].join("\n\n") + "\n";
}

function fileText(schema: Schema): string {
  const tables = [{ path: [], schema, isList: false }, ...tablesIn(schema, [])];
  return [`## ${schema.title}`, ...tables.map(tableText)].join("\n\n");
}

function tableText({ path, schema, isList }: Table): string {
  const rows = Object.entries(schema.properties ?? {}).map(([key, value]) => [
    code(key),
    typeText(value),
    (schema.required?.includes(key) ? "**Required.** " : "") + (value.description ?? ""),
  ]);
  const name = path.join(".");
  return [
    ...path.length === 0 ? [] : [`### ${code(isList ? `[[${name}]]` : `[${name}]`)}`],
    ...path.length > 0 && schema.description ? [schema.description] : [],
    ...rows.length === 0 ? [] : [table(["key", "value", "meaning"], rows)],
  ].join("\n\n");
}

/** The tables below one, each after what holds it. */
function tablesIn(schema: Schema, path: readonly string[]): Table[] {
  const named = Object.entries(schema.properties ?? {});
  const any = typeof schema.additionalProperties === "object" ? schema.additionalProperties : {};
  const all: (readonly [string, Schema])[] = [...named, ["NAME", any]];
  return all.flatMap(([key, value]) => {
    const { found, isList } = tableOf(value);
    if (!found) return [];
    const here = [...path, key];
    const described = { ...found, ...value.description ? { description: value.description } : {} };
    const own = found.properties ? [{ path: here, schema: described, isList }] : [];
    return [...own, ...tablesIn(found, here)];
  });
}

/** The table that a value may be: itself, one of its forms, or what a list holds. */
function tableOf(schema: Schema): { found?: Schema; isList: boolean } {
  if (schema.properties || typeof schema.additionalProperties === "object") {
    return { found: schema, isList: false };
  }
  for (const each of schema.anyOf ?? []) {
    const inner = tableOf(each);
    if (inner.found?.properties && !inner.isList) return inner;
  }
  const item = schema.items && tableOf(schema.items).found;
  return item?.properties ? { found: item, isList: true } : { isList: false };
}

/** What a value may be, in words. */
function typeText(schema: Schema): string {
  const forms = [...new Set(formsOf(schema))];
  return forms.join(" or ");
}

function formsOf({ type, enum: values, const: constant, anyOf, items }: Schema): string[] {
  if (values) return [values.map((value) => code(String(value))).join(", ")];
  if (constant !== undefined) return [code(String(constant))];
  if (anyOf) return anyOf.flatMap(formsOf);
  if (type === "array") {
    return [`list of ${items ? typeText(items).replace(/^string$/, "strings") : "anything"}`];
  }
  const words: Readonly<Record<string, string>> = {
    string: "string",
    boolean: "`true`, `false`",
    integer: "number",
    object: "table",
  };
  return [type === undefined ? "anything" : words[type] ?? type];
}
