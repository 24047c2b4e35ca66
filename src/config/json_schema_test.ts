import { assert, assertEquals } from "@std/assert";
import { configSchemaNames, jsonSchema } from "./json_schema.ts";

/** Calls back for each property of a schema, however deep. */
function eachProperty(schema: unknown, visit: (name: string, property: Schema) => void): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") {
      Object.entries(value).forEach(([name, each]) => visit(name, each as Schema));
    }
    eachProperty(value, visit);
  }
}

type Schema = Record<string, unknown>;

for (const name of configSchemaNames) {
  Deno.test(`schema ${name}: every property is described, unknown keys are refused`, async () => {
    const schema = await jsonSchema(name);
    assertEquals(schema.$schema, "http://json-schema.org/draft-07/schema#");
    assert(String(schema.title).length > 10);
    let count = 0;
    eachProperty(schema, (property, { description }) => {
      count++;
      assert(typeof description === "string" && description.length > 5, property);
    });
    assert(count > 10);
    assert(JSON.stringify(schema).includes('"additionalProperties":false'));
  });
}

Deno.test("schema plugins knows both dialects and every field of a runner", async () => {
  const { anyOf } = await jsonSchema("plugins");
  const [runners, plugins] = anyOf as [Schema, Schema];
  assertEquals(runners.required, ["name", "runners"]);
  assertEquals(plugins.required, ["plugins"]);
  const names: string[] = [];
  eachProperty(runners, (name) => names.push(name));
  for (
    const field of ["id", "kind", "detect_file", "command", "result_file", "result_format"].concat(
      [
        "timeout",
        "cwd",
        "env",
        "sandbox",
        "lock",
        "required",
        "fail_on",
        "allow_no_tests",
        "inputs",
      ],
    )
  ) assert(names.includes(field), field);
});

Deno.test("runners, commands and changes to runners take tables of extensions", async () => {
  const plugins = JSON.stringify(await jsonSchema("plugins"));
  const table = '"additionalProperties":{"type":"object","description":"Table of the extension';
  assertEquals(plugins.split(table).length - 1, 1);
  for (const name of ["commands", "config"] as const) {
    assert(JSON.stringify(await jsonSchema(name)).includes(table), name);
  }
});

Deno.test("every pattern is one that all readers of JSON Schema take: NUL is written \\x00, not \\0", async () => {
  for (const name of configSchemaNames) {
    assertEquals(JSON.stringify(await jsonSchema(name)).match(/\\\\0/g), null, name);
  }
});
