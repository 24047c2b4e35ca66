/** `assay schema [NAME]`: the JSON Schema of a configuration file or of an output. */

import { nearest } from "../text/did_you_mean.ts";
import { configSchemaNames, jsonSchema } from "../config/json_schema.ts";
import { ExitCode, UserError } from "../errors.ts";
import { outputNames, outputSchema } from "../schema/outputs.ts";
import { oneArgument } from "./_arguments.ts";
import type { Builtins, Call } from "./types.ts";

/** Every schema, in the order of the list. */
export const schemaNames: readonly string[] = [
  ...configSchemaNames,
  "lock",
  ...outputNames,
  "generic-json",
];

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const name = oneArgument(call);
  if (name === undefined) {
    call.io.stdout.write(
      call.json
        ? `${JSON.stringify({ schemas: schemaNames }, null, 2)}\n`
        : `${schemaNames.join("\n")}\n`,
    );
    return ExitCode.ok;
  }
  call.io.stdout.write(`${JSON.stringify(await schemaOf(call.builtins, name), null, 2)}\n`);
  return ExitCode.ok;
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
  const meant = nearest(name, schemaNames);
  throw new UserError(`There is no schema "${name}"${meant ? `; did you mean "${meant}"?` : ""}`, {
    code: "usage",
    hint: `schemas: ${schemaNames.join(", ")}`,
  });
}

async function lockJsonSchema(): Promise<unknown> {
  const [{ toJsonSchema }, { lockSchema }] = await Promise.all([
    import("@valibot/to-json-schema"),
    import("../modules/lock.ts"),
  ]);
  const { $schema, ...schema } = toJsonSchema(lockSchema, { typeMode: "input" });
  return { $schema, title: "What plugins are made of: .assay/lock.json", ...schema };
}
