/**
 * JSON Schemas of what assay prints with `--json`. The definitions are checked against the types at
 * compile time, in both directions. Valibot is loaded only when a schema is asked for.
 *
 * @module
 */

import type { OutputSchemaName } from "./outputs.ts";

/** The JSON Schema (draft 2020-12) of an output. */
export async function outputSchema(name: OutputSchemaName): Promise<Record<string, unknown>> {
  const [{ toJsonSchema }, { outputDefinitions }] = await Promise.all([
    import("@valibot/to-json-schema"),
    import("./_schema_definitions.ts"),
  ]);
  const schema = toJsonSchema(outputDefinitions[name], { target: "draft-2020-12" });
  return { ...schema, title: `assay ${name}` };
}
