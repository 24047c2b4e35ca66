/** ARCHITECTURE.md is a map: it shows what is there, and nothing else. `deno task docs` renews its layers. */

import { assertEquals } from "@std/assert";
import { projectRoot } from "./support.ts";
import { layersText } from "./tools/_architecture.ts";
import { withSection } from "./tools/readme.ts";

const document = Deno.readTextFileSync(`${projectRoot}ARCHITECTURE.md`);

/** Folders below one, without those of dependencies and evidence. */
function foldersIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(projectRoot + folder))
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."))
    .map(({ name }) => `${folder}/${name}`);
}

Deno.test("architecture: every folder of src, plugins and tests is in the map, and the reverse", () => {
  const shown = Array.from(
    document.matchAll(/^\| `((?:src|plugins|tests)\/\w+)` +\|/gm),
    ([, name]) => name!,
  );
  const there = ["src", "plugins", "tests"].flatMap(foldersIn);
  assertEquals(shown.toSorted(), there.toSorted());
});

Deno.test("architecture: the layers are those the lint rule holds", () => {
  assertEquals(withSection(document, "layers", layersText()), document);
});
