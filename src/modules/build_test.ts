import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { build, filesBelow, load, project, refused, serve } from "./_testing.ts";

const fourModules = {
  "/plugin.ts": `import { definePlugin } from "assay/plugin";
import type { Plugin } from "assay/plugin";
import { shout, type Loud } from "./parts/shout.ts";
import * as names from "/names.js";
import words from "./words.json" with { type: "json" };
interface Unused { readonly x: Loud }
export const where = import.meta.url;
export default definePlugin({ name: names.plugin, version: shout(words.word as string) } as Plugin);
`,
  "/parts/shout.ts": `export type Loud = string;
export const shout = (word: string): Loud => word.toUpperCase();`,
  "/names.js": `export const plugin = "four";`,
  "/words.json": `{ "word": "hey", "__proto__": 1 }`,
};

interface PluginModule {
  readonly default: { readonly name: string; readonly version: string };
  readonly where: string;
}

Deno.test("a TypeScript plugin with relative, absolute and JSON imports is built and can be imported", async () => {
  await using server = serve({ ...fourModules });
  using it = project();
  const graph = await build(it, `${server.origin}/plugin.ts`);
  const module = await load<PluginModule>(graph);
  assertEquals(module.default, { name: "four", version: "HEY" });
  assertEquals(module.where, `${server.origin}/plugin.ts`);
  assertEquals(
    graph.modules.map(({ url, local }) => [url.slice(server.origin.length), local]),
    [["/names.js", false], ["/parts/shout.ts", false], ["/plugin.ts", false], [
      "/words.json",
      false,
    ]],
  );
  assertEquals(graph.modules[0]!.bytes, fourModules["/names.js"].length);
  assert(graph.entry.startsWith(`${graph.folder}/plugin.ts-`));
  assertEquals(filesBelow(graph.folder).length, 4 + 1 + 1, "modules, import.meta, definePlugin");
});

Deno.test("a built graph works in a worker without permissions", async () => {
  await using server = serve({ ...fourModules });
  using it = project();
  const { entry } = await build(it, `${server.origin}/plugin.ts`);
  const source = `const { default: plugin } = await import("file://${entry}");
    self.postMessage([plugin.name, plugin.version]);`;
  const worker = new Worker(`data:text/javascript,${encodeURIComponent(source)}`, {
    type: "module",
    deno: { permissions: "none" },
  } as WorkerOptions);
  const said = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  }).finally(() => worker.terminate());
  assertEquals(said, ["four", "HEY"]);
});

Deno.test("the same sources make the same graph in another cache", async () => {
  await using server = serve({ ...fourModules });
  using one = project();
  using other = project();
  const [a, b] = [
    await build(one, `${server.origin}/plugin.ts`),
    await build(other, `${server.origin}/plugin.ts`),
  ];
  assertEquals([a.key, a.built], [b.key, b.built]);
  assertMatch(a.built!, /^.+:[0-9a-f]{64}$/);
});

Deno.test("local files, with what they import from a server, and data: in both encodings", async () => {
  await using server = serve({ "/remote.js": "export const remote = 2;" });
  using it = project();
  const inline = encodeURIComponent("export const four: number = 4;");
  it.write(
    "plugins/local ü.ts",
    `import { three } from "./three.mts";
import { remote } from "${server.origin}/remote.js";
import { four } from "data:application/typescript,${inline}";
import five from "data:application/json;base64,${btoa("5")}" with { type: "json" };
export default [1, remote, three, four, five];
export const meta = import.meta;`,
  );
  it.write("plugins/three.mts", "export const three: number = 3;");
  const graph = await build(it, "./plugins/local ü.ts");
  const module = await load<{ default: number[]; meta: ImportMeta }>(graph);
  assertEquals(module.default, [1, 2, 3, 4, 5]);
  assertEquals(module.meta.filename, `${it.root}/plugins/local ü.ts`);
  assertEquals(module.meta.dirname, `${it.root}/plugins`);
  assertEquals(module.meta.main, false);
  assertEquals(module.meta.resolve("./x.ts"), new URL("./x.ts", module.meta.url).href);
  assertEquals(graph.modules.filter(({ local }) => local).length, 4);
  assertEquals(graph.built, undefined, "its content is the project's own, not the lock's");

  const asFile = await build(it, `file://${encodeURI(it.root)}/plugins/three.mts`);
  assertEquals(await load(asFile).then(({ three }) => three), 3);
  const asData = await build(it, `data:text/javascript,export default 6`);
  assertEquals((await load(asData)).default, 6);
});

Deno.test("an edited local file is rebuilt, an unchanged one is not", async () => {
  using it = project();
  it.write("x.ts", "export default 1 as number;");
  const first = await build(it, "./x.ts");
  const again = await build(it, "./x.ts");
  assertEquals(again.key, first.key);
  it.write("x.ts", "export default 2 as number;");
  const edited = await build(it, "./x.ts");
  assert(edited.key !== first.key);
  assertEquals((await load(edited)).default, 2);
  Deno.removeSync(`${it.root}/x.ts`);
  const gone = await refused(build(it, "./x.ts"), "module_not_found");
  assertStringIncludes(gone.message, "./x.ts");
});

Deno.test("cycles, top-level await, re-exports and literal dynamic imports keep their meaning", async () => {
  using it = project();
  it.write(
    "main.js",
    `#!/usr/bin/env node
import { b, lateA } from "./b.js";
export * from "./c.js";
export { default as d, "odd name" as odd } from './d.js';
export function a() { return import.meta.url; }
export const slow = await new Promise((resolve) => setTimeout(() => resolve("slow"), 5));
export const lazy = () => import("./lazy.js");
export const template = () => import(\`./lazy.js\`);
export const data = () => import("./data.json", { with: { type: "json" } });
export { b, lateA };
`,
  );
  it.write("b.js", `import { a } from "./main.js";\nexport const b = 1, lateA = a();`);
  it.write("c.js", `export * from "./b.js"; export const c = 2;`);
  it.write("d.js", `const x = 4; export { x as "odd name" }; export default 3;`);
  it.write("lazy.js", `export const lazy = true;`);
  it.write("data.json", `[1]`);
  const module = await load<
    Record<"lazy" | "template" | "data", () => Promise<Record<string, unknown>>> & {
      readonly lateA: string;
      readonly slow: string;
      readonly c: number;
      readonly d: number;
      readonly odd: number;
    }
  >(await build(it, "./main.js"));
  assertEquals(module.lateA, `file://${it.root}/main.js`, "import.meta before the first line ran");
  assertEquals([module.slow, module.c, module.d, module.odd], ["slow", 2, 3, 4]);
  assertEquals((await module.lazy()).lazy, true);
  assertEquals(await module.lazy(), await module.template());
  assertEquals((await module.data()).default, [1]);
});

Deno.test("a computed import fails with a TypeError that names the module and its line", async () => {
  using it = project();
  it.write("x.ts", `const name: string = "./y.js";\nexport const go = () => import(name);`);
  const { go } = await load<{ go: () => Promise<unknown> }>(await build(it, "./x.ts"));
  const error = await go().then(() => undefined, (error) => error);
  assert(error instanceof TypeError);
  assertStringIncludes(error.message, "x.ts");
  assertStringIncludes(error.message, "line 2");
});

Deno.test("allowed modules of Node's work", async () => {
  using it = project();
  it.write("x.ts", `import { join } from "node:path";\nexport const joined = join("a", "b");\n`);
  const graph = await build(it, "./x.ts");
  assertEquals(graph.nodeModules, ["node:path"]);
  assertEquals((await load<{ readonly joined: string }>(graph)).joined, "a/b");
});

Deno.test("the whole of a graph with 256 modules is loaded, each once", async () => {
  const pages: Record<string, string> = {};
  for (let i = 0; i < 255; i++) pages[`/m${i}.js`] = `export default ${i};`;
  pages["/main.js"] =
    Object.keys(pages).map((path, i) => `import m${i} from ".${path}";`).join("\n") +
    `export default ${Object.keys(pages).map((_, i) => `m${i}`).join(" + ")};`;
  await using server = serve(pages);
  using it = project();
  const graph = await build(it, `${server.origin}/main.js`);
  assertEquals((await load(graph)).default, 255 * 254 / 2);
  assertEquals(server.asked.length, 256);
});
