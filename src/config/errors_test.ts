import { assertEquals, assertRejects } from "@std/assert";
import { UserErrors } from "../errors.ts";
import { load } from "../../tests/config_project.ts";

const corpus = new URL("../../tests/corpus/config/", import.meta.url);

/** Parsers of TOML say the same in words of their own; that a key is given twice is said by assay itself. */
const unpinned = (text: string) =>
  text.replace(/(not valid TOML): (?!duplicate key).*/g, "$1: (the parser's words)");

/**
 * Each file of tests/corpus/config, at its place in a project, must be refused with exactly the text
 * next to it. `UPDATE_CORPUS=1` writes the texts again: read the difference before it is committed.
 */
for (const { name } of [...Deno.readDirSync(corpus)].sort((a, b) => a.name < b.name ? -1 : 1)) {
  const [, stem = "", kind, ending] = /^((plugins|config|commands)_\w+)\.(json|toml)$/.exec(name) ??
    [];
  if (!kind) continue;
  Deno.test(`configuration ${name} is refused with its text`, async () => {
    const text = await Deno.readTextFile(new URL(name, corpus));
    const error = await assertRejects(
      () => load({ [`.assay/${kind}.${ending}`]: text }),
      UserErrors,
    );
    const expected = new URL(`${stem}.${ending}.txt`, corpus);
    if (Deno.env.has("UPDATE_CORPUS")) await Deno.writeTextFile(expected, `${error.message}\n`);
    assertEquals(/Invalid/.exec(error.message), null, "a schema has no message of its own");
    assertEquals(unpinned(`${error.message}\n`), unpinned(await Deno.readTextFile(expected)));
    for (const each of error.errors) assertEquals(each.place.file, `.assay/${kind}.${ending}`);
  });
}
