/**
 * JSON Schemas of what assay prints with `--json`. The definitions are checked against the types at
 * compile time, in both directions. Valibot is loaded only when a schema is asked for.
 *
 * @module
 */

/** Names of the outputs that have a schema. */
export const outputSchemaNames = [
  "run",
  "gate",
  "parse",
  "diagnose",
  "inspect",
  "annotate",
  "history",
  "hook",
  "hook-restore",
  "plugin-list",
  "plugin-add",
  "plugin-remove",
  "plugin-update",
  "trust",
  "explain",
  "doctor",
  "sandbox-doctor",
  "sandbox-explain",
  "error",
] as const;

/** One of {@linkcode outputSchemaNames}. `run` is of verify, run, exec, hook run and report, and of `run.json`. */
export type OutputSchemaName = (typeof outputSchemaNames)[number];

/** The JSON Schema (draft 2020-12) of an output. */
export async function outputSchema(name: OutputSchemaName): Promise<Record<string, unknown>> {
  const [{ toJsonSchema }, { outputDefinitions }] = await Promise.all([
    import("@valibot/to-json-schema"),
    import("./_schema_definitions.ts"),
  ]);
  const schema = toJsonSchema(outputDefinitions[name], { target: "draft-2020-12" });
  return { ...schema, title: `assay ${name}` };
}
