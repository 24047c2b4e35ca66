import { assertEquals } from "@std/assert";
import { withFolder } from "../support.ts";
import { writeJUnit } from "./generate.ts";

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0;

Deno.test("generate: the same size gives the same bytes, and what it says is in them", () =>
  withFolder(async (folder) => {
    const facts = await writeJUnit(`${folder}/one.xml`, 200_000);
    await writeJUnit(`${folder}/two.xml`, 200_000);
    const text = await Deno.readTextFile(`${folder}/one.xml`);
    assertEquals(await Deno.readTextFile(`${folder}/two.xml`), text);
    assertEquals(facts, {
      bytes: (await Deno.stat(`${folder}/one.xml`)).size,
      tests: count(text, /<testcase /g),
      failed: count(text, /<failure /g),
      skipped: count(text, /<skipped /g),
    });
  }));

Deno.test("generate: as large as asked, well-formed to its end, in the shape promised", () =>
  withFolder(async (folder) => {
    const { bytes, tests, failed, skipped } = await writeJUnit(`${folder}/one.xml`, 1_000_000);
    const text = await Deno.readTextFile(`${folder}/one.xml`);
    assertEquals(bytes >= 1_000_000 && bytes < 1_050_000, true);
    assertEquals(text.endsWith("  </testsuite>\n</testsuites>\n"), true);
    assertEquals(failed / tests > 0.01 && failed / tests < 0.03, true);
    assertEquals(skipped / tests > 0.02 && skipped / tests < 0.04, true);
    const declared = [...text.matchAll(/ tests="(\d+)"/g)].map((match) => Number(match[1]));
    assertEquals(declared.reduce((sum, each) => sum + each, 0), tests);
  }));
