import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UserError } from "../errors.ts";
import type { LockedPlugin, PluginManifest } from "../plugin_setting.ts";
import { lockedPlugin, lockFile, providedLines, readLock, writeLock } from "./lock.ts";
import { build, emptyManifest, project, redirect, serve } from "./_testing.ts";

const sha256 = "ab".repeat(32);

const plugin: LockedPlugin = {
  name: "shout",
  permissions: { read: ["."], net: true },
  modules: {
    "https://b.example/b": { sha256, bytes: 2, type: "js" },
    "https://a.example/a.ts": { sha256, bytes: 1 },
  },
  redirects: { "jsr:@b/b": "https://b.example/b", "jsr:@a/a": "https://a.example/a.ts" },
  provides: {
    extensions: [{ name: "shout", configKey: "shout", validates: false, stores: false }],
    engines: [],
    annotators: [],
    parsers: [],
    runners: [],
  },
  built: `1+x:${sha256}`,
};

Deno.test("the lock is written sorted, ends with a newline, and only when it changed", async () => {
  using it = project();
  const other = { ...plugin, modules: {}, redirects: {} };
  const lock = {
    version: 1,
    plugins: { "./z.ts": other, "https://a.example/a.ts": plugin },
  } as const;
  assertEquals(await writeLock(it.io, it.root, lock), true);
  const text = Deno.readTextFileSync(`${it.root}/${lockFile}`);
  assert(text.endsWith("}\n"));
  const order = [
    "./z.ts",
    "https://a.example/a.ts",
    "net",
    "read",
    '"https://a.example/a.ts": {\n',
  ];
  for (const [i, key] of order.entries()) assert(text.includes(key), `${i} ${key}`);
  assert(text.indexOf('https://a.example/a.ts": {\n          "sha256') < text.indexOf("https://b"));
  assertEquals(await readLock(it.io, it.root), lock);
  assertEquals(await writeLock(it.io, it.root, lock), false);
  const shuffled = {
    version: 1,
    plugins: Object.fromEntries(Object.entries(lock.plugins).toReversed()),
  } as const;
  assertEquals(await writeLock(it.io, it.root, shuffled), false, "the order of keys is no change");
  const changed = { version: 1, plugins: { "./z.ts": other } } as const;
  assertEquals(await writeLock(it.io, it.root, changed), true);
  assertEquals([...Deno.readDirSync(`${it.root}/.assay`)].map(({ name }) => name), ["lock.json"]);
});

Deno.test("no lock is an empty one", async () => {
  using it = project();
  assertEquals(await readLock(it.io, it.root), { version: 1, plugins: {} });
});

Deno.test("a lock that is wrong is reported with file, line and key", async () => {
  using it = project();
  await writeLock(it.io, it.root, { version: 1, plugins: { "./x.ts": plugin } });
  const good = Deno.readTextFileSync(`${it.root}/${lockFile}`);
  const lineOf = (needle: string) => good.slice(0, good.indexOf(needle)).split("\n").length;
  const cases: [string, string, number | undefined, RegExp][] = [
    ['"version": 1', '"version": 2', 2, /version/],
    ['"name": "shout"', '"name": 1', lineOf('"name"'), /name/],
    [sha256, sha256.toUpperCase(), lineOf(sha256), /64 lower-case/],
    ['"bytes": 1', '"bytes": -1', lineOf('"bytes": 1'), /bytes/],
    ['"provides"', '"offers"', 4, /missing key "provides"/],
    ['"provides"', '"offers": 1,\n"provides"', lineOf('"provides"'), /unknown key "offers"/],
    ['"configKey": "shout"', '"configKey": 1', lineOf('"configKey"'), /configKey/],
    ['"type": "js"', '"type": "tsx"', lineOf('"type"'), /type/],
    ['"net": true', '"hrtime": true', lineOf('"net"'), /hrtime/],
    ["{\n", "{\n<<<<<<< HEAD\n", 2, /merge conflict/],
    ["]", "", undefined, /not JSON/],
  ];
  for (const [from, to, line, said] of cases) {
    it.write(lockFile, good.replace(from, to));
    const error = await readLock(it.io, it.root).then(() => undefined, (error) => error);
    assert(error instanceof UserError, `${from} → ${to} was read`);
    assertEquals([error.code, error.place.file], ["lock_invalid", lockFile]);
    if (line !== undefined) assertEquals(error.place.line, line, error.message);
    assertMatch(error.message, said);
  }
  it.write(lockFile, good);
  await readLock(it.io, it.root);
});

Deno.test("what is locked of a graph: remote modules, redirects, the build, what it provides", async () => {
  await using server = serve({
    "/moved": redirect("/x"),
    "/x": `import "./y.ts"; import "data:text/javascript,1";`,
    "/y.ts": "export {};",
  });
  using it = project();
  const manifest: PluginManifest = {
    ...emptyManifest,
    extensions: [{ name: "shout", configKey: "loud", validates: false, stores: false }],
    parsers: [{ format: "tap2", description: "TAP", holds: "tests" }],
    annotators: [{ name: "who", eager: true }],
  };
  const graph = await build(it, `${server.origin}/moved`);
  const locked = await lockedPlugin(it.io, graph, manifest, {
    permissions: { read: ["."] },
    isolation: "worker",
  });
  assertEquals(Object.keys(locked.modules), [`${server.origin}/x`, `${server.origin}/y.ts`]);
  assertEquals(locked.modules[`${server.origin}/x`]!.type, "js", "its address does not say it");
  assertEquals(locked.modules[`${server.origin}/y.ts`]!.type, undefined);
  assertEquals(locked.redirects, { [`${server.origin}/moved`]: `${server.origin}/x` });
  assertEquals(providedLines(locked.provides), [
    "extension shout (table loud)",
    "annotator who (eager)",
    "parser tap2",
  ]);
  assertEquals(locked.built, graph.built);
  assertMatch(locked.manifest!, /^[0-9a-f]{64}$/);
  const written = { version: 1, plugins: { x: locked } } as const;
  await writeLock(it.io, it.root, written);
  assertEquals(await readLock(it.io, it.root), written);

  it.write("local.ts", `import "${server.origin}/y.ts";`);
  const local = await lockedPlugin(it.io, await build(it, "./local.ts"), manifest, {
    permissions: {},
    isolation: "none",
  });
  assertEquals(Object.keys(local.modules), [`${server.origin}/y.ts`]);
  assertEquals([local.built, local.manifest], [undefined, undefined]);
  assertEquals([locked.isolation, local.isolation], [undefined, "none"]);
  await writeLock(it.io, it.root, { version: 1, plugins: { local } });
  assertEquals((await readLock(it.io, it.root)).plugins.local, local);
});

Deno.test("a lock that cannot be written is reported", async () => {
  using it = project();
  it.write(".assay", "a file where the folder must be");
  const error = await writeLock(it.io, it.root, { version: 1, plugins: {} }).catch((error) =>
    error
  );
  assert(error instanceof UserError);
  assertStringIncludes(error.message, lockFile);
});
