/** `assay schema [NAME]`: the JSON Schema of a configuration file or of an output. */

import { nearest } from "../config/did_you_mean.ts";
import { configSchemaNames, jsonSchema } from "../config/json_schema.ts";
import { ExitCode, UserError } from "../errors.ts";
import { outputSchema, outputSchemaNames } from "../report/schemas.ts";
import { oneArgument } from "./_arguments.ts";
import type { Builtins, Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const name = oneArgument(call);
  const names = schemaNames(call.builtins);
  if (name === undefined) {
    call.io.stdout.write(
      call.json ? `${JSON.stringify({ schemas: names }, null, 2)}\n` : `${names.join("\n")}\n`,
    );
    return ExitCode.ok;
  }
  call.io.stdout.write(`${JSON.stringify(await schemaOf(call, name, names), null, 2)}\n`);
  return ExitCode.ok;
}

/** Every schema there is. */
export function schemaNames({ reportSchemas }: Builtins): readonly string[] {
  return [...configSchemaNames, ...outputSchemaNames, ...Object.keys(reportSchemas)];
}

async function schemaOf(call: Call, name: string, names: readonly string[]): Promise<unknown> {
  const config = configSchemaNames.find((each) => each === name);
  if (config) return await jsonSchema(config);
  const output = outputSchemaNames.find((each) => each === name);
  if (output) return await outputSchema(output);
  const report = call.builtins.reportSchemas[name];
  if (report) return await report();
  const meant = nearest(name, names);
  throw new UserError(`There is no schema "${name}"${meant ? `; did you mean "${meant}"?` : ""}`, {
    code: "usage",
    hint: `schemas: ${names.join(", ")}`,
  });
}
