/** JSON Schemas of the configuration files, generated from the definitions that check them. */

import { type GenericSchema, union } from "valibot";
import { commandSchema, commandsFileSchema } from "./commands_schema.ts";
import { configSchema, overrideSchema } from "./config_schema.ts";
import { pluginsFileSchema, runnerSchema, runnersFileSchema } from "./runner_schema.ts";

export const configSchemaNames = ["plugins", "config", "commands"] as const;

export type ConfigSchemaName = (typeof configSchemaNames)[number];

const titles: Readonly<Record<ConfigSchemaName, string>> = {
  plugins: "Plugin files: .assay/plugins.json and .toml, .codeloop/plugins.json",
  config: "Settings: .assay/config.toml and .json",
  commands: "Commands: .assay/commands.toml and .json, .bird/commands.toml",
};

const definitions: Readonly<Record<ConfigSchemaName, GenericSchema>> = {
  plugins: union([runnersFileSchema, pluginsFileSchema]),
  config: configSchema,
  commands: commandsFileSchema,
};

/** Tables that may contain extension tables; for those with rules, the inner table. */
const carriers = new Set<unknown>([overrideSchema, commandSchema.pipe[0], runnerSchema.pipe[0]]);

/** Installed extensions depend on the project, so editors accept any. */
const extensionTable = {
  type: "object",
  description: "Table of the extension of that key.",
} as const;

/** The JSON Schema (draft 7) of a configuration file. The checks it cannot express stay in the reader. */
export async function jsonSchema(name: ConfigSchemaName): Promise<Record<string, unknown>> {
  const { toJsonSchema } = await import("@valibot/to-json-schema");
  const { $schema, ...schema } = toJsonSchema(definitions[name], {
    ignoreActions: ["check", "raw_check"],
    typeMode: "input",
    overrideSchema: ({ valibotSchema, jsonSchema }) =>
      carriers.has(valibotSchema) ? { ...jsonSchema, additionalProperties: extensionTable } : null,
  });
  return { $schema, title: titles[name], ...schema };
}
