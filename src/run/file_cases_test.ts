import { assertEquals } from "@std/assert";
import { realIo } from "../real_io.ts";
import { withFolder } from "../../tests/support.ts";
import { emptyCounts, sortFileCases } from "./counts.ts";

const sources: Readonly<Record<string, string>> = {
  "esm.mjs": `import { test } from "node:test";`,
  "all.mjs": `import test, { describe } from 'node:test';`,
  "late.mjs": "const { test } = await import(`node:test`);",
  "cjs.js": `const test = require("test");`,
  "bare.mjs": `import"test";`,
  "reexported.test.mjs": `export * from "./tools/test.mjs";`,
  "joined_test.cjs": `require("node:" + "test");`,
  "helped.spec.js": `const { check } = require("./helper.js");`,
  "script.js": `require("assert")(true); // a test`,
  "other.mjs": `import { spec } from "node:test/reporters"; import t from "./test.js";`,
};

Deno.test("a file shown as a test has tests that were not counted, or is a script, or a test's name", () =>
  withFolder(async (folder) => {
    for (const [name, text] of Object.entries(sources)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await Deno.mkdir(`${folder}/folder.js`);
    const counts = emptyCounts();
    const names = [...Object.keys(sources), "folder.js", "app.js", "/app/x.test.mjs", "test/y.js"];
    counts.fileCases.push(...names);
    counts.tests.total = counts.tests.passed = names.length;
    await sortFileCases(counts, realIo(), folder);
    // A name that says "test" is enough: no one knows what a helper imports, nor what was in a file that is gone.
    assertEquals(counts.uncountedFiles, [
      "esm.mjs",
      "all.mjs",
      "late.mjs",
      "cjs.js",
      "bare.mjs",
      "reexported.test.mjs",
      "joined_test.cjs",
      "helped.spec.js",
      "/app/x.test.mjs",
      "test/y.js",
    ]);
    assertEquals(counts.scriptFiles, ["script.js", "other.mjs"]);
    assertEquals(counts.tests.total, 4);
    assertEquals(counts.tests.passed, 4);
  }));
