/**
 * `deno task docs`: the reference in `docs/` — every verb, every key of every configuration file, and the JSON
 * Schemas — made from the table of verbs and from the definitions that check configuration, and the tables of the
 * hand-written documents and ARCHITECTURE.md that are generated from the program. Tests hold them current.
 *
 * @module
 */

import { builtins } from "../../plugins/mod.ts";
import { verbs } from "../../src/cli/verbs.ts";
import { schemaNames, schemaOf } from "../../src/commands/schema.ts";
import { jsonSchema } from "../../src/config/json_schema.ts";
import { layersText } from "./_architecture.ts";
import { cliReference } from "./_docs_cli.ts";
import { configurationReference } from "./_docs_configuration.ts";
import { sections, withSection } from "./readme.ts";

/** Where the reference lies. */
export const docsFolder = new URL("../../docs/", import.meta.url).pathname;

/** The files of the reference by their path in {@linkcode docsFolder}. */
export async function reference(): Promise<Record<string, string>> {
  const files: Record<string, string> = {
    "cli.md": cliReference(verbs, builtins),
    "configuration.md": configurationReference({
      config: await jsonSchema("config"),
      plugins: await jsonSchema("plugins"),
      commands: await jsonSchema("commands"),
    }),
  };
  for (const name of schemaNames) {
    const schema = await schemaOf(builtins, name);
    files[`schemas/${name}.json`] = `${JSON.stringify(schema, null, 2)}\n`;
  }
  return files;
}

if (import.meta.main) {
  const layers = { file: "ARCHITECTURE.md", name: "layers", text: layersText() };
  for (const { file, name, text } of [layers, ...sections()]) {
    const document = new URL(`../${file}`, `file://${docsFolder}`);
    const renewed = withSection(await Deno.readTextFile(document), name, text);
    await Deno.writeTextFile(document, renewed);
  }
  await Deno.mkdir(`${docsFolder}schemas`, { recursive: true });
  for (const [path, text] of Object.entries(await reference())) {
    await Deno.writeTextFile(docsFolder + path, text);
    console.log(`docs/${path}`);
  }
}
