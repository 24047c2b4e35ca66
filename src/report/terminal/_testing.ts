/** How tests compare terminal output with the files of `tests/corpus/report`. */

import { assertEquals } from "@std/assert";
import type { Look } from "./style.ts";
import { displayWidth } from "./width.ts";

const folder = new URL("../../../tests/corpus/report/", import.meta.url);

/** Clears the screen, sets the title, reverses the text direction, overwrites the line, rings. */
export const evil = "a\x1b[2J\x1b]0;pwned\x07b\u202ec\r✓ pass\nREADY\x9b31md\u0000\ud800";

// deno-lint-ignore no-control-regex -- our own styles, and nothing but them
const ownStyles = /\x1b\[(?:1|2|22|31|32|33|39)m/g;
// deno-lint-ignore no-control-regex -- what must never be printed
const dangerous = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/;

/** Registers the tests of each case: its text at two widths, and that it fits every width. */
export function corpusTests(cases: Readonly<Record<string, (look: Look) => string>>): void {
  for (const [name, render] of Object.entries(cases)) {
    for (const columns of [60, 100]) {
      Deno.test(`${name} at ${columns} columns`, async () => {
        await compare(`${name}.${columns}.txt`, render({ columns, color: false }));
      });
    }

    Deno.test(`${name} fits every width, and colour changes nothing but colour`, () => {
      for (const columns of [30, 41, 60, 79, 80, 100, 200]) {
        const plain = render({ columns, color: false });
        assertEquals(render({ columns, color: true }).replace(ownStyles, ""), plain);
        assertEquals(dangerous.test(plain), false);
        // A run's id and a runner get copied, so they stay whole however narrow the terminal is.
        const isCopied = name === "history" || name === "plugin_none";
        const limit = isCopied ? Math.max(columns, 59) : Math.max(columns, 41);
        assertEquals(plain.split("\n").filter((line) => displayWidth(line) > limit), []);
      }
    });
  }
}

async function compare(file: string, actual: string): Promise<void> {
  const path = new URL(file, folder);
  if (Deno.env.get("ASSAY_UPDATE") === "1") await Deno.writeTextFile(path, actual);
  assertEquals(actual, await Deno.readTextFile(path));
}
