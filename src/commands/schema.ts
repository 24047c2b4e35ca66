/** `assay schema [NAME]`: the JSON Schema of a configuration file or of an output. */

import { didYouMean } from "../text/did_you_mean.ts";
import { configSchemaNames, jsonSchema } from "../config/json_schema.ts";
import { type ExitCode, usageError } from "../errors.ts";
import { outputNames, outputSchema } from "../schema/outputs.ts";
import { tell } from "./_workspace.ts";
import type { Builtins, Call } from "./types.ts";

export const schemaNames: readonly string[] = [
  ...configSchemaNames,
  "lock",
  ...outputNames,
  "generic-json",
];

export async function run(call: Call): Promise<ExitCode> {
  const [name] = call.args;
  if (name === undefined) {
    return await tell(call, { schemas: schemaNames }, () => `${schemaNames.join("\n")}\n`);
  }
  return await tell({ ...call, json: true }, await schemaOf(call.builtins, name), String);
}

/**
 * The JSON Schema of that name.
 *
 * @throws {UserError} when there is none
 */
export async function schemaOf(
  { reportSchemas }: Pick<Builtins, "reportSchemas">,
  name: string,
): Promise<unknown> {
  const config = configSchemaNames.find((each) => each === name);
  if (config) return await jsonSchema(config);
  if (name === "lock") return await lockJsonSchema();
  const output = outputNames.find((each) => each === name);
  if (output) return await outputSchema(output);
  const report = reportSchemas[name];
  if (report) return await report();
  const why = `Unknown schema "${name}"${didYouMean(name, schemaNames)}`;
  throw usageError(why, `schemas: ${schemaNames.join(", ")}`);
}

async function lockJsonSchema(): Promise<unknown> {
  const [{ toJsonSchema }, { lockSchema }] = await Promise.all([
    import("@valibot/to-json-schema"),
    import("../modules/lock.ts"),
  ]);
  const { $schema, ...schema } = toJsonSchema(lockSchema, { typeMode: "input" });
  return { $schema, title: "What plugins are made of: .assay/lock.json", ...schema };
}
