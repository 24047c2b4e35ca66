import { assert, assertEquals } from "@std/assert";
import { line, read } from "../../tests/parsing.ts";
import { parsers } from "./mod.ts";

const corpus = new URL("../../tests/corpus/", import.meta.url);

/** Report files of a format; what is expected of each is next to it in `NAME.expected`. */
function reportsOf(format: string): readonly string[] {
  return [...Deno.readDirSync(new URL(`${format}/`, corpus))].map(({ name }) => name)
    .filter((name) => !name.endsWith(".expected")).sort();
}

const covered = parsers.filter(({ format }) => !/junit|trx|nunit/.test(format));

for (const { format, parse } of covered) {
  Deno.test(`reports of ${format} are read as expected`, async () => {
    const names = reportsOf(format);
    assert(names.length > 0, `tests/corpus/${format} is empty`);
    for (const name of names) {
      const report = await Deno.readFile(new URL(`${format}/${name}`, corpus));
      const expected = await Deno.readTextFile(new URL(`${format}/${name}.expected`, corpus));
      const lines = (await read(parse, report)).map(line);
      assertEquals(`${lines.join("\n")}\n`, expected, `${format}/${name}`);
    }
  });
}
