import { assert, assertEquals } from "@std/assert";
import { docsFolder, reference } from "./tools/docs.ts";

Deno.test("the reference in docs is current (deno task docs)", async () => {
  for (const [path, text] of Object.entries(await reference())) {
    assertEquals(await Deno.readTextFile(docsFolder + path), text, path);
  }
});

Deno.test("no schema is left of what there is no more", async () => {
  const made = new Set(Object.keys(await reference()));
  for await (const { name } of Deno.readDir(`${docsFolder}schemas`)) {
    assert(made.has(`schemas/${name}`), name);
  }
});

Deno.test("the reference of the configuration has every key of every file, and what it means", async () => {
  const files = await reference();
  const document = files["configuration.md"]!;
  const keys = new Set(Array.from(document.matchAll(/^\| `([^`]+)` \|/gm), ([, key]) => key));
  for (const name of ["config", "plugins", "commands"]) {
    for (const key of keysIn(JSON.parse(files[`schemas/${name}.json`]!))) {
      assert(keys.has(key), key);
    }
  }
  const unexplained = document.match(/^\| `(?!\$schema).*\|  ?\|$/gm) ?? [];
  assertEquals(unexplained, []);
});

/** The names of all properties anywhere in a schema. */
function* keysIn(schema: unknown): Generator<string> {
  if (typeof schema !== "object" || schema === null) return;
  for (const [key, value] of Object.entries(schema)) {
    if (key === "properties") yield* Object.keys(value);
    yield* keysIn(value);
  }
}
