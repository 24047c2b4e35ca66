/** JSON Schemas of the configuration files, made from the definitions that check them. */

import { type GenericSchema, union } from "valibot";

/** A JSON Schema as a plain object. */
export type JsonSchema = Record<string, unknown>;

/** The configuration files that have a schema. */
export const configSchemaNames = ["plugins", "config", "commands"] as const;

/** One of {@linkcode configSchemaNames}. */
export type ConfigSchemaName = (typeof configSchemaNames)[number];

const titles: Readonly<Record<ConfigSchemaName, string>> = {
  plugins: "Plugin files: .assay/plugins.json and .toml, .codeloop/plugins.json",
  config: "Settings: .assay/config.toml and .json",
  commands: "Commands: .assay/commands.toml and .json, .bird/commands.toml",
};

/** The JSON Schema (draft 7) of a configuration file. */
export async function jsonSchema(name: ConfigSchemaName): Promise<JsonSchema> {
  const { $schema, ...schema } = await fromValibot(await definitionOf(name));
  return { $schema, title: titles[name], ...schema };
}

async function definitionOf(name: ConfigSchemaName): Promise<GenericSchema> {
  if (name === "config") return (await import("./config_schema.ts")).configSchema;
  if (name === "commands") return (await import("./commands_schema.ts")).commandsFileSchema;
  const { runnersFileSchema, pluginsFileSchema } = await import("./runner_schema.ts");
  return union([runnersFileSchema, pluginsFileSchema]);
}

/** What of a valibot schema JSON Schema can say. The checks it cannot express stay in the reader. */
async function fromValibot(schema: GenericSchema): Promise<JsonSchema> {
  const [{ toJsonSchema }, carriers] = await Promise.all([
    import("@valibot/to-json-schema"),
    extensionCarriers(),
  ]);
  return {
    ...toJsonSchema(schema, {
      ignoreActions: ["check", "raw_check"],
      typeMode: "input",
      overrideSchema: ({ valibotSchema, jsonSchema }) =>
        carriers.has(valibotSchema)
          ? { ...jsonSchema, additionalProperties: extensionTable }
          : null,
    }),
  };
}

/** Which extensions are installed is the project's; an editor is told that any may be. */
const extensionTable = {
  type: "object",
  description: "Table of the extension of that key.",
} as const;

/** The tables that may hold tables of extensions. */
async function extensionCarriers(): Promise<ReadonlySet<unknown>> {
  const [{ overrideSchema }, { commandSchema }, { runnerSchema }] = await Promise.all([
    import("./config_schema.ts"),
    import("./commands_schema.ts"),
    import("./runner_schema.ts"),
  ]);
  // Of those with rules, the table inside of them is what is turned into JSON Schema.
  return new Set<unknown>([overrideSchema, commandSchema.pipe[0], runnerSchema.pipe[0]]);
}
