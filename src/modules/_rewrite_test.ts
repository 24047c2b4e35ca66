import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { analyse } from "./_analyse.ts";
import { realIo } from "../real_io.ts";
import { importedNames } from "./_check_links.ts";
import { rewrite } from "./_write_graph.ts";

async function rewritten(code: string): Promise<string> {
  const analysis = await analyse(realIo(), "js", new TextEncoder().encode(code), { url: "x.js" });
  const options = { url: "https://x.example/x.js", metaFile: "m.js", specifierOf: () => "./y.js" };
  return rewrite(analysis, options).code;
}

/** Whether the runtime reads it as a module; nothing of it runs, because its import fails. */
async function parses(code: string): Promise<boolean> {
  const url = `data:text/javascript,${
    encodeURIComponent(`import "data:text/javascript,throw 1";${code}`)
  }`;
  const error = await import(url).catch((error) => error);
  return !(error instanceof SyntaxError);
}

Deno.test("imports that the lexer can be made to miss do not even parse", async () => {
  const missed = [
    'const a = function () {} /import("node:vm")/ 1;',
    'const a = class {} /import("node:vm")/ 1;',
  ];
  for (const code of missed) {
    assert(await parses(code), `${code} is JavaScript`);
    const after = await rewritten(code);
    assert(!/(?<![\w$])import(?![\w$])/.test(after), after);
    assert(!await parses(after), after);
  }
});

Deno.test("words that are no imports keep their meaning", async () => {
  const code = String.raw`
    // import("comment") from "x"
    /* import.meta from 'y' */
    const text = "import x from 'y'" + 'import("z")' + ${'`import ${1} from "q"`'};
    const escaped = "\\import \import \from 'y'";
    const pattern = /import\(("|') from '/;
    const object = { import: 1, from: 2, "import": 3, get import() { return 4; } };
    class Has { #import = 5; import() { return this.#import; } }
    const from = "f", important = 6, $import = 7, é = 8;
    export default [text, escaped, pattern.test("import(' from '"), object.import,
      new Has().import(), from, important, $import, Array.from('ab').join(), é];`;
  const url = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  const before = await import(url(code));
  const after = await import(url(await rewritten(code)));
  assertEquals(after.default, before.default);
});

Deno.test("lines stay where they are", async () => {
  const code =
    'import a from "./a.js";\n\nimport.meta;\nawait import(a);\nimport(\n"./b.js"\n);\nlast();';
  const after = await rewritten(code);
  assertMatch(after.split("\n")[3]!, /^await __assay_import\(a\);$/);
  assertMatch(after.split("\n")[2]!, /^__assay_meta;$/);
  assertMatch(
    after.split("\n")[0]!,
    /^import \{ meta as __assay_meta.* import a from "\.\/y\.js";$/,
  );
});

Deno.test("whatever the code: no import is left but those that were written for it", async () => {
  const piece = fc.constantFrom(
    "import",
    "import(",
    "export * from ",
    '"./a.js"',
    "'./b.js'",
    "`",
    "${",
    "}",
    "{",
    "/",
    "/*",
    "*/",
    "//",
    "\n",
    " ",
    ")",
    "(",
    "from",
    ";",
    "x",
    "=",
    "function () {}",
    "\\",
    ".meta",
    '"',
    "'",
    "[",
    "]",
    "\u2028",
    'with { type: "json" }',
  );
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 30 }), async (pieces) => {
      const code = await rewritten(pieces.join("")).catch((error) => {
        assertEquals(error.name, "UserError");
      });
      if (code === undefined) return;
      accepted++;
      // Ours are `import("./y.js")`, and a keyword whose statement ends in "./y.js" or the prelude.
      const rest = code.replaceAll('import("./y.js")', "")
        .replace(/^import \{ meta as \w+, computedImport as \w+ \} from "\.\/m\.js"; /, "");
      for (const { index } of rest.matchAll(/(?<![\w$\\])import(?![\w$])/g)) {
        const clause = /^import([^]*?)"\.\/y\.js"/.exec(rest.slice(index))?.[1];
        assert(clause !== undefined, code);
      }
      assert(!/(?<![\w$\\])from\s*(?:'|"(?!\.\/[ym]\.js"))/.test(rest), code);
    }),
    { numRuns: 3000 },
  );
  assert(accepted > 300, `only ${accepted} were looked at`);
});

Deno.test("the names an import asks for", () => {
  const cases: [string, string[] | undefined][] = [
    [" ", []],
    [" a from ", ["default"]],
    [" * as a from ", []],
    [" a, * as b from ", ["default"]],
    ["{a}from", ["a"]],
    [" { a, b as c, default as d, 'e f' as g, } from ", ["a", "b", "default", "e f"]],
    [" a, { b } from /* { c } */ ", ["default", "b"]],
    [" from from ", ["default"]],
    [" { from } from ", ["from"]],
    [" // { x }\n{ y } from ", ["y"]],
    [" a from /* ", undefined],
    [" a from / ", undefined],
    [" (x) ", undefined],
  ];
  for (const [clause, names] of cases) assertEquals(importedNames(clause), names, clause);
});
