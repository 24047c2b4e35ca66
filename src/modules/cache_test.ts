import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { UserError } from "../errors.ts";
import type { LockedPlugin } from "../plugin_setting.ts";
import { writeManifest } from "./_cached_graph.ts";
import type { BuiltGraph } from "./build.ts";
import { lockedPlugin } from "./lock.ts";
import {
  build,
  emptyManifest,
  filesBelow,
  load,
  lockOf,
  project,
  refused,
  serve,
  type TestProject,
} from "./_testing.ts";

const pages = {
  "/main.ts": `import { part } from "./part.ts"; export default part as number;
    export const url = import.meta.url;`,
  "/part.ts": "export const part: number = 7;",
};

/** Builds and locks a graph, with its manifest remembered. */
async function lockedGraph(
  it: TestProject,
  url: string,
): Promise<{ graph: BuiltGraph; locked: LockedPlugin }> {
  const graph = await build(it, url);
  await writeManifest(it.io, graph.key, emptyManifest);
  return { graph, locked: await lockOf(it, graph) };
}

Deno.test("a locked and cached graph works offline, with its manifest", async () => {
  using it = project();
  const { url, graph, locked } = await (async () => {
    await using server = serve({ ...pages });
    const url = `${server.origin}/main.ts`;
    return { url, ...await lockedGraph(it, url) };
  })();
  const again = await build(it, url, { locked, mode: { cachedOnly: true, frozen: true } });
  assertEquals(again, { ...graph, manifest: emptyManifest });
  assertEquals((await load(again)).default, 7);

  // Without the built graph it is built again from the cached sources, to the same bytes.
  Deno.removeSync(`${it.cache}/graphs`, { recursive: true });
  const rebuilt = await build(it, url, { locked, mode: { cachedOnly: true } });
  assertEquals(rebuilt, graph);
  // Without these it is not.
  Deno.removeSync(it.cache, { recursive: true });
  await refused(build(it, url, { locked, mode: { cachedOnly: true } }), "module_offline");
});

Deno.test("every cached file that was changed is refused, with its name and both hashes", async () => {
  await using server = serve({ ...pages });
  using it = project();
  const url = `${server.origin}/main.ts`;
  const { locked } = await lockedGraph(it, url);
  const files = filesBelow(`${it.cache}/graphs`);
  assertEquals(files.length, 5, "two modules, an import.meta, the record, the manifest");
  for (const file of files) {
    const before = Deno.readFileSync(file);
    Deno.writeTextFileSync(file, "\n// tampered", { append: true });
    const error = await refused(build(it, url, { locked }), "module_cache_damaged");
    assertStringIncludes(error.message, file);
    assertMatch(error.message, /[0-9a-f]{64}[^]*[0-9a-f]{64}/);
    assertStringIncludes(error.hint!, "--reload");
    Deno.writeFileSync(file, before);
    await build(it, url, { locked });
  }
  const sealed = files.find((file) => file.endsWith("/build.json"))!;
  const before = Deno.readFileSync(sealed);
  Deno.writeTextFileSync(sealed, "rubbish that is no hash\nmore");
  const rubbish = await refused(build(it, url, { locked }), "module_cache_damaged");
  assertStringIncludes(
    rubbish.message,
    `${sealed} was changed: its checksum is missing`,
  );
  assert(!rubbish.message.includes("rubbish"), rubbish.message);
  Deno.writeFileSync(sealed, before);
  Deno.removeSync(files.find((file) => file.includes("/part.ts-"))!);
  await refused(build(it, url, { locked }), "module_cache_damaged");
  const mended = await build(it, url, { locked, mode: { reload: true } });
  assertEquals((await load(mended)).default, 7);
  await build(it, url, { locked, mode: { cachedOnly: true } });

  // Sources are looked at when there is no built graph.
  Deno.removeSync(`${it.cache}/graphs`, { recursive: true });
  const [source] = filesBelow(`${it.cache}/sources`);
  Deno.writeTextFileSync(source!, "tampered");
  const error = await refused(build(it, url, { locked }), "module_cache_damaged");
  assertStringIncludes(error.message, source!);
  await build(it, url, { locked, mode: { reload: true } });
});

Deno.test("a build forged as a whole is refused by the lock", async () => {
  await using server = serve({ ...pages });
  using it = project();
  const url = `${server.origin}/main.ts`;
  const { graph, locked } = await lockedGraph(it, url);
  const sha256 = (text: string) => it.io.sha256(new TextEncoder().encode(text));
  const evil = "export default 666; export const url = 0;";
  Deno.writeTextFileSync(graph.entry, evil);
  const file = `${it.cache}/graphs/${graph.key}/build.json`;
  const record = JSON.parse(Deno.readTextFileSync(file).slice(65));
  record.outputs[graph.entry.slice(graph.folder.length + 1)] = await sha256(evil);
  const text = `${JSON.stringify(record, undefined, 1)}\n`;
  const place = file.slice(it.cache.length + 1);
  Deno.writeTextFileSync(file, `${await sha256(`${place}\n${text}`)}\n${text}`);
  const error = await refused(build(it, url, { locked }), "module_cache_damaged");
  assertStringIncludes(error.message, "build.json");
  const mended = await build(it, url, { locked, mode: { reload: true } });
  assertStringIncludes(Deno.readTextFileSync(mended.entry), "part");

  // And a lock whose mark is another is reported, however it came.
  const wrong = { ...locked, built: locked.built!.replace(/[0-9a-f]{64}$/, "0".repeat(64)) };
  await refused(build(it, url, { locked: wrong }), "module_cache_damaged");
  await refused(build(it, url, { locked: wrong, mode: { reload: true } }), "module_build_changed");
  const older = { ...locked, built: `0+older:${"0".repeat(64)}` };
  await build(it, url, { locked: older });
});

Deno.test("a manifest that the lock does not know is forgotten", async () => {
  await using server = serve({ ...pages });
  using it = project();
  const url = `${server.origin}/main.ts`;
  const { graph, locked } = await lockedGraph(it, url);
  await writeManifest(it.io, graph.key, { ...emptyManifest, name: "other" });
  assertEquals((await build(it, url, { locked })).manifest, undefined);
  const relocked = await lockedPlugin(it.io, graph, { ...emptyManifest, name: "other" }, {
    permissions: {},
    isolation: "worker",
  });
  assertEquals((await build(it, url, { locked: relocked })).manifest?.name, "other");
});

Deno.test("what the settings no longer allow is refused although it is cached", async () => {
  await using server = serve({ ...pages });
  using it = project({ "https://plugins.example": server.origin });
  const url = "https://plugins.example/main.ts";
  const allow = ["plugins.example"];
  const locked = await lockOf(it, await build(it, url, { settings: { allow } }));
  await build(it, url, { locked, settings: { allow } });
  await refused(build(it, url, { locked }), "module_host_refused");
  await refused(
    build(it, url, { locked, settings: { allow, maxModules: 1 } }),
    "module_graph_too_large",
  );
  await refused(build(it, url, { locked, settings: { allow, maxBytes: 9 } }), "module_too_large");
});

Deno.test("a lock whose redirects lead elsewhere is bound by the same rules", async () => {
  await using server = serve({ ...pages });
  using it = project({ "https://plugins.example": server.origin });
  it.write("secret.js", "export default 1;");
  const url = "https://plugins.example/main.ts";
  const settings = { allow: ["plugins.example"] };
  for (
    const [to, code] of [
      [`file://${it.root}/secret.js`, "module_import_refused"],
      [`${server.origin}/main.ts`, "module_import_refused"],
      ["https://evil.example/x.js", "module_host_refused"],
    ] as const
  ) {
    const locked: LockedPlugin = {
      name: "x",
      permissions: {},
      modules: {},
      redirects: { [url]: to },
      provides: { extensions: [], engines: [], annotators: [], parsers: [], runners: [] },
    };
    await refused(build(it, url, { locked, settings }), code);
  }
});

Deno.test("many builds at once into one cache all succeed", async () => {
  await using server = serve({ ...pages });
  using it = project();
  const graphs = await Promise.all(
    Array.from({ length: 12 }, () => build(it, `${server.origin}/main.ts`)),
  );
  assertEquals(new Set(graphs.map(({ entry }) => entry)).size, 1);
  assertEquals((await load(graphs[0]!)).default, 7);
  const names = [...Deno.readDirSync(`${it.cache}/graphs`)].map(({ name }) => name);
  assertEquals(names, [graphs[0]!.key], "nothing half-written is left");
});

Deno.test("what a killed assay left half-written is no graph, and is cleared away in time", async () => {
  await using server = serve({ ...pages });
  using it = project();
  const url = `${server.origin}/main.ts`;
  const { graph, locked } = await lockedGraph(it, url);
  const [old, young] = [`${it.cache}/graphs/aa.tmp`, `${it.cache}/graphs/bb.tmp`];
  for (const folder of [old, young]) Deno.mkdirSync(`${folder}/modules`, { recursive: true });
  const longAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  Deno.utimeSync(old, longAgo, longAgo);
  Deno.renameSync(`${it.cache}/graphs/${graph.key}`, `${it.cache}/graphs/${graph.key}.cc.tmp`);
  await build(it, url, { locked, mode: { cachedOnly: true } });
  const names = [...Deno.readDirSync(`${it.cache}/graphs`)].map(({ name }) => name).sort();
  assertEquals(names, [graph.key, `${graph.key}.cc.tmp`, "bb.tmp"].sort());
});

Deno.test("a cache that cannot be written or is nowhere is reported as such", async () => {
  using it = project();
  it.write("x.js", "export default 1;");
  Deno.mkdirSync(it.cache, { recursive: true });
  Deno.writeTextFileSync(`${it.cache}/graphs`, "a file where a folder must be");
  await refused(build(it, "./x.js"), "module_cache_unwritable");
  const io = { ...it.io, env: () => undefined };
  await refused(build({ ...it, io }, "./x.js"), "module_cache_unwritable");
});

Deno.test("whatever is done to cached files, nothing but the true graph is ever accepted", async () => {
  await using server = serve({ ...pages });
  using it = project();
  it.write("local.ts", `export { default, url } from "${server.origin}/main.ts";`);
  const targets: { url: string; graph: BuiltGraph; locked: LockedPlugin }[] = [];
  for (const url of [`${server.origin}/main.ts`, "./local.ts"]) {
    targets.push({ url, ...await lockedGraph(it, url) });
  }
  const files = filesBelow(it.cache);
  const originals = new Map(files.map((file) => [file, Deno.readFileSync(file)]));
  const truth = new Map(targets.map(({ url, graph }) => [url, snapshot(graph)]));
  const change = fc.oneof(
    fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat(7) }),
    fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
    fc.record({ kind: fc.constant("insert" as const), at: fc.nat(), bytes: fc.uint8Array() }),
    fc.record({ kind: fc.constant("replace" as const), bytes: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ kind: fc.constant("swap" as const), other: fc.nat() }),
  );
  let refusals = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), change, fc.boolean(), async (which, how, alsoGraphs) => {
      const file = files[which % files.length]!;
      const before = originals.get(file)!;
      Deno.writeFileSync(file, changed(before, how, files, originals));
      const hidden = alsoGraphs && file.includes("/sources/");
      if (hidden) Deno.renameSync(`${it.cache}/graphs`, `${it.cache}/hidden`);
      try {
        for (const { url, locked } of targets) {
          try {
            const graph = await build(it, url, { locked, mode: { cachedOnly: true } });
            assertEquals(snapshot(graph), truth.get(url), `accepted a changed ${file}`);
          } catch (error) {
            if (!(error instanceof UserError)) throw error;
            assertEquals(error.code, "module_cache_damaged", error.message);
            refusals++;
          }
        }
      } finally {
        Deno.writeFileSync(file, before);
        if (hidden) {
          // Made again by a build that had what it needs.
          if ([...Deno.readDirSync(it.cache)].some(({ name }) => name === "graphs")) {
            Deno.removeSync(`${it.cache}/graphs`, { recursive: true });
          }
          Deno.renameSync(`${it.cache}/hidden`, `${it.cache}/graphs`);
        }
      }
    }),
    { numRuns: 400 },
  );
  assert(refusals > 200, `only ${refusals} of the changes were seen`);
});

/** Everything that is imported and believed of a graph. */
function snapshot(graph: BuiltGraph): unknown {
  const files = filesBelow(graph.folder);
  return { ...graph, manifest: undefined, texts: files.map((file) => Deno.readTextFileSync(file)) };
}

type Change =
  | { kind: "flip"; at: number; bit: number }
  | { kind: "cut"; at: number }
  | { kind: "insert"; at: number; bytes: Uint8Array }
  | { kind: "replace"; bytes: Uint8Array }
  | { kind: "swap"; other: number };

function changed(
  before: Uint8Array,
  how: Change,
  files: readonly string[],
  originals: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  if (how.kind === "replace") return how.bytes;
  if (how.kind === "swap") return originals.get(files[how.other % files.length]!)!;
  const at = how.at % before.length;
  if (how.kind === "cut") return before.subarray(0, at);
  if (how.kind === "insert") {
    return new Uint8Array([...before.subarray(0, at), ...how.bytes, ...before.subarray(at)]);
  }
  const copy = before.slice();
  copy[at]! ^= 1 << how.bit;
  return copy;
}
