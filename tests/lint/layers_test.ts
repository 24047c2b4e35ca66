import { assertEquals } from "@std/assert";
import plugin from "./layers.ts";

const root = new URL("../../", import.meta.url).pathname;

/** The rules a piece of source breaks, with the line. */
function broken(file: string, source: string): string[] {
  return Deno.lint.runPlugin(plugin, `${root}${file}`, source).map((each) => {
    const line = source.slice(0, each.range[0]).split("\n").length;
    return `${line} ${each.id}`;
  });
}

Deno.test("layers: an import down the layers is right", () => {
  assertEquals(broken("src/run/mod.ts", 'import { a } from "../config/mod.ts";\na;'), []);
  assertEquals(broken("src/config/mod.ts", 'import { a } from "./load.ts";\na;'), []);
  assertEquals(broken("src/mod.ts", 'import { a } from "../plugins/mod.ts";\na;'), []);
});

Deno.test("layers: an import up or across is refused, types and re-exports too", () => {
  const wrong = [
    ["src/config/mod.ts", 'import { a } from "../run/mod.ts";'],
    ["src/store/mod.ts", 'import type { a } from "../config/types.ts";'],
    ["src/store/mod.ts", 'export * from "../verdict/mod.ts";'],
    ["src/store/mod.ts", 'export { a } from "../verdict/mod.ts";'],
    ["src/report/mod.ts", 'type A = import("../store/types.ts").A;'],
    ["src/verdict/mod.ts", 'await import("../commands/verify.ts");'],
    ["src/errors.ts", 'import "./model.ts";'],
    ["src/text/words.ts", 'import "../errors.ts";'],
    ["src/cli/verbs.ts", 'import "../../plugins/mod.ts";'],
    ["src/novel/mod.ts", 'import "../model.ts";'],
    ["src/verdict/mod.ts", 'import "./_testing.ts";'],
  ] as const;
  for (const [file, source] of wrong) {
    assertEquals(broken(file, `\n${source}`), ["2 assay/layers"], `${file}: ${source}`);
  }
});

Deno.test("layers: a test may import what it tests with", () => {
  assertEquals(broken("src/store/mod_test.ts", 'import "../verdict/mod.ts";\nDeno.env;'), []);
  assertEquals(broken("src/store/_testing.ts", 'import "../verdict/mod.ts";\nDeno.env;'), []);
});

Deno.test("plugins: only the contract, src/text and own files", () => {
  assertEquals(broken("plugins/parsers/tap.ts", 'import "../../src/text/words.ts";'), []);
  assertEquals(broken("plugins/parsers/tap.ts", 'import "../../src/textual.ts";'), [
    "1 assay/plugins",
  ]);
  assertEquals(broken("plugins/parsers/tap.ts", 'import "../../src/plugin.ts";'), []);
  assertEquals(broken("plugins/parsers/tap.ts", 'import "./_private.ts";\nimport "saxes";'), []);
  assertEquals(broken("plugins/parsers/tap.ts", 'import "../../src/io.ts";'), [
    "1 assay/plugins",
  ]);
});

Deno.test("world: Deno, console, process and Buffer are reached through Io", () => {
  const source =
    "Deno.cwd();\nconsole.log(1);\nprocess.exit();\nglobalThis.Deno;\nconst d = Deno;d;";
  const expected = [1, 2, 3, 4, 5].map((line) => `${line} assay/world`);
  assertEquals(broken("src/verdict/mod.ts", source), expected);
  assertEquals(broken("plugins/parsers/tap.ts", source), expected);
  assertEquals(broken("src/real_io.ts", source), []);
});

Deno.test("world: a property or a type of that name is no use of it", () => {
  const source =
    "const a = { process: 1 }; a.process;\nlet e: Deno.Reader;\ninterface B { console: 1 }";
  assertEquals(broken("src/verdict/mod.ts", source), []);
});

Deno.test("node: only the modules whose cost was measured", () => {
  assertEquals(broken("src/store/open.ts", 'import "node:sqlite";'), []);
  assertEquals(broken("src/store/open.ts", 'import "node:path";'), ["1 assay/node"]);
  assertEquals(broken("src/verdict/mod.ts", 'await import("node:crypto");'), ["1 assay/node"]);
});
