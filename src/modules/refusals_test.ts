/** What is refused, each with what is allowed next to it; nothing is written to the lock by any of it. */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Page, project, redirect, refused, serve } from "./_testing.ts";
import { build, load, lockOf } from "./_testing.ts";

/** A host of the outer world that the tests' Io leads to a server on loopback. */
const remote = "https://plugins.example";

Deno.test("hosts: only those of allow, with their port; a wildcard is every host below", async () => {
  await using server = serve({ "/x.js": "export default 1;" });
  using it = project({
    [remote]: server.origin,
    "https://a.plugins.example": server.origin,
    "https://plugins.example:8443": server.origin,
  });
  const error = await refused(build(it, `${remote}/x.js`), "module_host_refused");
  assertStringIncludes(error.message, "plugins.example:443");
  assertStringIncludes(error.hint!, "allow");
  assertEquals(server.asked, []);

  const tries: [string, string, boolean][] = [
    ["plugins.example", remote, true],
    ["plugins.example:443", remote, true],
    ["PLUGINS.example", remote, true],
    ["plugins.example:8443", remote, false],
    ["plugins.example", "https://plugins.example:8443", false],
    ["plugins.example:8443", "https://plugins.example:8443", true],
    ["*.plugins.example", "https://a.plugins.example", true],
    ["*.plugins.example", remote, false],
    ["*", remote, false],
    ["lugins.example", remote, false],
  ];
  for (const [entry, origin, allowed] of tries) {
    const building = build(it, `${origin}/x.js`, { settings: { allow: [entry] } });
    if (allowed) assertEquals((await load(await building)).default, 1);
    else await refused(building, "module_host_refused");
  }
});

Deno.test("http: is for loopback alone, whatever the host is called", async () => {
  using it = project();
  const settings = { allow: ["*.example:80", "example:80", "example"] };
  for (
    const host of [
      "plugins.example",
      "localhost.plugins.example",
      "127.0.0.1.plugins.example",
      "0.0.0.0",
      "[::ffff:127.0.0.1]",
      "128.0.0.1",
      "localhost.",
    ]
  ) {
    const error = await refused(
      build(it, `http://${host}/x.js`, { settings }),
      "module_host_refused",
    );
    assertStringIncludes(error.message, "loopback");
  }
  await using server = serve({ "/x.js": "export default 1;" });
  const port = new URL(server.origin).port;
  for (const host of ["localhost", "127.0.0.1", "0x7f.1"]) {
    assertEquals((await load(await build(it, `http://${host}:${port}/x.js`))).default, 1);
  }
});

Deno.test("addresses that name no module", async () => {
  using it = project();
  for (
    const url of [
      "ftp://plugins.example/x.js",
      "blob:null/1",
      "https://",
      "https://user:secret@jsr.io/x.js",
      "jsr:no-scope",
      "npm:",
      "data:text/javascript",
      "data:text/javascript;base64,%%%",
      "node:path",
      "assay/plugin",
    ]
  ) await refused(build(it, url), "module_address_invalid");
  const secret = await refused(build(it, "node:vm"), "module_import_refused");
  assertStringIncludes(secret.message, "runs code from text");
});

Deno.test("a remote module imports neither files nor loopback, nor is led there", async () => {
  await using server = serve({});
  using it = project({ [remote]: server.origin });
  it.write("secret.js", "export default 1;");
  const settings = { allow: ["plugins.example"] };
  const file = `file://${it.root}/secret.js`;
  const imports = (specifier: string): Page => `export * from "${specifier}";`;
  const cases: [string, Page][] = [
    ["/file.js", imports(file)],
    ["/loopback.js", imports(`${server.origin}/inner.js`)],
    ["/dynamic.js", `export default () => import("${file}");`],
    ["/to-file.js", redirect(file)],
    ["/to-loopback.js", redirect(`${server.origin}/inner.js`)],
    ["/to-ipv6.js", redirect("http://[::1]:1/inner.js")],
    ["/to-data.js", redirect("data:text/javascript,export default 1")],
    // What is hidden in a data: address is bound as what holds it.
    ["/in-data.js", imports(`data:text/javascript,${encodeURIComponent(`import "${file}"`)}`)],
    [
      "/in-data-loopback.js",
      imports(`data:text/javascript,${encodeURIComponent(`import "${server.origin}/inner.js"`)}`),
    ],
  ];
  for (const [path, page] of cases) {
    server.pages[path] = page;
    const error = await refused(
      build(it, `${remote}${path}`, { settings }),
      "module_import_refused",
    );
    assertStringIncludes(error.message, path.startsWith("/in-data") ? "data:" : "plugins.example");
  }
  assert(!server.asked.includes("/inner.js"), "asked on behalf of a remote module");

  // The same from a module on loopback, and from a local one.
  server.pages["/inner.js"] = "export default 2;";
  server.pages["/good.js"] = `export { default } from "${server.origin}/inner.js";`;
  assertEquals((await load(await build(it, `${server.origin}/good.js`))).default, 2);
  await refused(build(it, `${server.origin}/file.js`), "module_import_refused");
  it.write("local.js", `export { default } from "${file}";`);
  assertEquals((await load(await build(it, "./local.js"))).default, 1);
});

Deno.test("redirects: each hop is checked, ten are followed, all are recorded", async () => {
  await using server = serve({ "/x.js": "export const url = import.meta.url;" });
  using it = project();
  server.pages["/moved.js"] = redirect("/x.js", 308);
  const graph = await build(it, `${server.origin}/moved.js`);
  assertEquals((await load(graph)).url, `${server.origin}/x.js`);
  assertEquals(graph.redirects, { [`${server.origin}/moved.js`]: `${server.origin}/x.js` });

  server.pages["/evil.js"] = redirect("https://evil.example/x.js");
  const error = await refused(build(it, `${server.origin}/evil.js`), "module_host_refused");
  assertStringIncludes(error.message, "evil.example");
  server.pages["/plain.js"] = redirect("http://evil.example/x.js");
  await refused(build(it, `${server.origin}/plain.js`), "module_host_refused");

  for (let i = 0; i < 11; i++) server.pages[`/hop${i}.js`] = redirect(`/hop${i + 1}.js`);
  server.pages["/hop11.js"] = "export default 3;";
  await refused(build(it, `${server.origin}/hop0.js`), "module_too_many_redirects");
  assertEquals((await load(await build(it, `${server.origin}/hop1.js`))).default, 3);
  server.pages["/circle.js"] = redirect("/circle.js");
  await refused(build(it, `${server.origin}/circle.js`), "module_too_many_redirects");
});

Deno.test("a module above the limit is refused and not read to its end", async () => {
  const chunk = new TextEncoder().encode("//".padEnd(65_535, "x") + "\n");
  let sent = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent += chunk.length;
          controller.enqueue(chunk);
        },
      }),
      { headers: { "content-type": "text/javascript" } },
    );
  await using server = serve({ "/endless.js": endless });
  using it = project();
  const error = await refused(
    build(it, `${server.origin}/endless.js`, { settings: { maxBytes: 1024 * 1024 } }),
    "module_too_large",
  );
  assertStringIncludes(error.message, "1048576 bytes");
  assertStringIncludes(error.hint!, "max_bytes");
  assert(sent < 16 * 1024 * 1024, `read ${sent} bytes`);

  const page = "export default 1;";
  server.pages["/x.js"] = page;
  const limit = (maxBytes: number) => ({ settings: { maxBytes } });
  await build(it, `${server.origin}/x.js`, limit(page.length));
  await refused(build(it, `${server.origin}/x.js`, limit(page.length - 1)), "module_too_large");
  it.write("x.js", page);
  await build(it, "./x.js", limit(page.length));
  await refused(build(it, "./x.js", limit(page.length - 1)), "module_too_large");
  await refused(build(it, `data:text/javascript,${page}`, limit(5)), "module_too_large");
});

Deno.test("graphs that are too large, too deep or too slow", async () => {
  const pages: Record<string, Page> = {
    "/wide.js": Array.from({ length: 256 }, (_, i) => `import "./m${i}.js";`).join(""),
  };
  for (let i = 0; i < 102; i++) pages[`/deep${i}.js`] = `import "./deep${i + 1}.js";`;
  pages["/deep102.js"] = "";
  pages["/hangs.js"] = () => new Promise<Response>(() => {});
  pages["/slow.js"] = `import "./hangs.js";`;
  await using server = serve(pages);
  using it = project();
  const wide = await refused(build(it, `${server.origin}/wide.js`), "module_graph_too_large");
  assertStringIncludes(wide.message, "256 modules");
  assertStringIncludes(wide.hint!, "max_modules");
  assertEquals(server.asked, ["/wide.js"], "none of the 256 was asked for");
  const settings = { maxModules: 300 };
  const deep = await refused(
    build(it, `${server.origin}/deep0.js`, { settings }),
    "module_graph_too_large",
  );
  assertStringIncludes(deep.message, "100 deep");
  await build(it, `${server.origin}/deep2.js`, { settings });
  const slow = await refused(
    build(it, `${server.origin}/slow.js`, { settings: { timeoutMs: 300 } }),
    "module_graph_too_slow",
  );
  assertStringIncludes(slow.message, "300 ms");
});

Deno.test("the time limit ends a body that comes slowly, even where fetch forgets its signal", async () => {
  const trickle = () =>
    new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("// ")),
      }),
      { headers: { "content-type": "text/javascript" } },
    );
  await using server = serve({ "/slow.js": trickle });
  using it = project();
  const deaf = {
    ...it,
    io: {
      ...it.io,
      fetch: (url: string) => it.io.fetch(url, { signal: new AbortController().signal }),
    },
  };
  it.write("x.js", `import "${server.origin}/slow.js";`);
  const started = performance.now();
  const error = await refused(
    build(deaf, "./x.js", { settings: { timeoutMs: 300 } }),
    "module_graph_too_slow",
  );
  assert(performance.now() - started < 5000, "took too long");
  assertStringIncludes(error.message, "the module ./x.js");
  assertStringIncludes(error.message, "300 ms");
  assertStringIncludes(error.message, `${server.origin}/slow.js`);
  assertMatch(error.hint!, /timeout under \[modules\]/);
});

Deno.test("what is no JavaScript, by its content type or else its name", async () => {
  const as = (type: string, body = "export default 1;"): Page => ({
    body,
    headers: { "content-type": type },
  });
  await using server = serve({
    "/page.html": "<!doctype html><title>Sign in</title>",
    "/page.js": as("text/javascript", "\n<html>Sign in</html>"),
    "/page.ts": as("text/plain", "<!DOCTYPE html>"),
    "/typed.ts": as("text/html", "export default 1;"),
    "/typed.js": as("application/xhtml+xml", "export default 1;"),
    "/style.css": as("text/css"),
    "/x.txt": as("text/plain"),
    "/x.jsx": as("text/javascript"),
    "/x.tsx": as("text/plain"),
    "/x.wasm": as("application/wasm"),
    "/latin.js": { headers: {}, body: "" },
  });
  server.pages["/latin.js"] = new Uint8Array([0x2f, 0x2f, 0xe9]);
  using it = project();
  const html = await refused(build(it, `${server.origin}/page.html`), "module_not_js");
  assertStringIncludes(html.message, "text/html");
  assertStringIncludes(html.message, "Sign in");
  for (
    const path of [
      "page.js",
      "page.ts",
      "typed.ts",
      "typed.js",
      "style.css",
      "x.txt",
      "x.wasm",
      "latin.js",
    ]
  ) {
    await refused(build(it, `${server.origin}/${path}`), "module_not_js");
  }
  const css = await refused(build(it, `${server.origin}/style.css`), "module_not_js");
  assertStringIncludes(css.message, "served as text/css");
  assertMatch(css.hint!, /text\/javascript, application\/typescript .*under such a name/);
  it.write("plain.txt", "export default 1;");
  const plain = await refused(build(it, "./plain.txt"), "module_not_js");
  assertMatch(plain.hint!, /Rename the file to end in/);
  const text = await refused(build(it, "data:text/plain,1"), "module_not_js");
  assertMatch(text.hint!, /data: and text\/javascript/);
  for (const path of ["x.jsx", "x.tsx"]) {
    await refused(build(it, `${server.origin}/${path}`), "module_unsupported_syntax");
  }
  const good: [string, string][] = [
    ["/a.ts", "video/mp2t"],
    ["/b", "text/javascript; charset=utf-8"],
    ["/c.mts", "text/plain"],
    ["/d.ts", "application/octet-stream"],
    ["/e.js", "application/typescript"],
    ["/f.js?v=1", "text/plain"],
    ["/g.ts", "text/vnd.trolltech.linguist"],
    ["/h.mts", "video/mp2t"],
    ["/i.ts?v=1", "application/x-nobody-knows; charset=utf-8"],
  ];
  for (const [path, type] of good) {
    const typed = path !== "/b" && !path.startsWith("/f");
    server.pages[path] = as(type, typed ? "export default 1 as number;" : "export default 1;");
    assertEquals((await load(await build(it, server.origin + path))).default, 1, path);
  }
});

Deno.test("TypeScript that cannot be erased is refused with its line and what to write instead", async () => {
  using it = project();
  const cases: [string, RegExp][] = [
    ["enum Color { red }", /as const/],
    ["namespace N { export const x = 1; }", /separate module/],
    ["class A { constructor(private x: number) {} }", /assign it/],
    ['import x = require("y");', /import x from/],
    ["export = 1;", /export default/],
    ["const x = <any>1;", /as Type/],
  ];
  for (const [code, hint] of cases) {
    it.write("x.ts", `const first: number = 1;\n\n  ${code}\n`);
    const error = await refused(build(it, "./x.ts"), "module_unsupported_syntax");
    assertMatch(error.message, /\.\/x\.ts:3:\d+/);
    assertEquals([error.place.file, error.place.line], ["x.ts", 3]);
    assertMatch(error.hint ?? "", hint);
  }
  it.write("x.ts", "const a: = 3;");
  assertMatch((await refused(build(it, "./x.ts"), "module_invalid_syntax")).message, /x\.ts:1:10/);
  it.write("x.js", "\nimport {");
  assertMatch((await refused(build(it, "./x.js"), "module_invalid_syntax")).message, /x\.js:2/);
  it.write(
    "x.ts",
    `declare enum Erased { a }\nabstract class B { abstract x(): void; declare y: 1 }
    export default (1 satisfies number)!;`,
  );
  assertEquals((await load(await build(it, "./x.ts"))).default, 1);
});

Deno.test("imports that are refused name the module and who imports it", async () => {
  using it = project();
  const cases: [string, string, RegExp][] = [
    ['import "left-pad";', "module_address_invalid", /npm:left-pad/],
    ['import "path";', "module_address_invalid", /node:path/],
    ['import "node:worker_threads";', "module_import_refused", /threads/],
    ['import "node:module";', "module_import_refused", /checks/],
    ['import("node:process");', "module_import_refused", /assay's own process/],
    [
      'export * from "node:nonsense";',
      "module_import_refused",
      /not on the list of harmless modules/,
    ],
    ['import source x from "./x.wasm";', "module_unsupported_syntax", /import source/],
    ['import defer * as x from "./ok.js";', "module_unsupported_syntax", /import defer/],
    ['import x from "./ok.js" with { type: "text" };', "module_unsupported_syntax", /text/],
    ['import("./ok.js", options);', "module_unsupported_syntax", /options/],
    ['import x from "./data.json";', "module_not_js", /with \{ type: "json" \}/],
    ['import x from "./ok.js" with { type: "json" };', "module_not_js", /not JSON/],
    ['import x from "./bad.json" with { type: "json" };', "module_invalid_syntax", /not JSON/],
    ['import { gone } from "./ok.js";', "module_export_missing", /import type \{ gone \}/],
    ['export { gone } from "./ok.js";', "module_export_missing", /gone/],
    ['import nothing from "./star.js";', "module_export_missing", /default/],
    ['import { readFile } from "node:fs";', "module_import_refused", /follows links/],
    ['import { Plugin } from "assay/plugin";', "module_export_missing", /import type/],
    ['import "./missing.js";', "module_not_found", /missing\.js/],
    ['import ".";', "module_address_invalid", /bare name/],
    ['import "./";', "module_not_found", /not a file/],
  ];
  it.write("ok.js", "export default 1; export const there = 2;");
  it.write("star.js", 'export * from "./ok.js"; export * from "./star.js";');
  it.write("data.json", "{}");
  it.write("bad.json", "{");
  for (const [code, expected, said] of cases) {
    it.write("x.js", code);
    const error = await refused(build(it, "./x.js"), expected);
    assertMatch(`${error.message} ${error.hint}`, said);
    assertStringIncludes(error.message, "./x.js");
  }
  it.write(
    "x.js",
    `import one, { there, default as again } from "./ok.js"; import * as all from "./star.js";
    import { there as /* from "x" */ t } from "./star.js"; import from from "./ok.js";
    export { one, there, again, all, t, from };`,
  );
  const module = await load(await build(it, "./x.js"));
  assertEquals([module.one, module.there, module.again, module.t, module.from], [1, 2, 1, 2, 1]);
});

Deno.test("changed content is refused with both hashes until the lock is rebuilt", async () => {
  await using server = serve({
    "/main.js": `export { default } from "./part.js";`,
    "/part.js": "export default 1;",
  });
  using it = project();
  const url = `${server.origin}/main.js`;
  const locked = await lockOf(it, await build(it, url));
  server.pages["/part.js"] = "export default 2;";
  assertEquals((await load(await build(it, url, { locked }))).default, 1, "from the cache");
  const error = await refused(
    build(it, url, { locked, mode: { reload: true } }),
    "module_changed",
  );
  assertMatch(error.message, /part\.js, imported by .*main\.js/);
  assertMatch(error.message, /[0-9a-f]{64}[^]*[0-9a-f]{64}/);
  assertStringIncludes(error.hint!, `assay plugin update ${url}`);
  server.pages["/part.js"] = redirect("/main.js");
  await refused(build(it, url, { locked, mode: { reload: true } }), "module_changed");
  server.pages["/part.js"] = "export default 3;";
  const updated = await build(it, url, { mode: { reload: true } });
  assertEquals((await load(updated)).default, 3);
  const again = await build(it, url, { locked: await lockOf(it, updated) });
  assertEquals(again.key, updated.key);
});

Deno.test("frozen, cached only, not found, not reachable", async () => {
  await using server = serve({ "/x.js": "export default 1;", "/gone.js": { status: 410 } });
  using it = project();
  const url = `${server.origin}/x.js`;
  const frozen = { mode: { frozen: true } };
  const offline = { mode: { cachedOnly: true } };
  const notLocked = await refused(build(it, url, frozen), "module_not_locked");
  assertStringIncludes(notLocked.message, "lock.json");
  assertStringIncludes(
    (await refused(build(it, url, offline), "module_offline")).message,
    "cached-only",
  );
  for (const specifier of ["jsr:@a/b@1", "npm:b@1"]) {
    await refused(build(it, specifier, frozen), "module_not_locked");
    await refused(build(it, specifier, offline), "module_offline");
  }
  assertEquals(server.asked, []);
  const locked = await lockOf(it, await build(it, url));
  await build(it, url, { locked, ...frozen });
  await build(it, url, { locked, ...offline });
  assertEquals(server.asked.length, 1);
  it.write("x.js", `export { default } from "${url}";`);
  await refused(build(it, "./x.js", frozen), "module_not_locked");
  it.write("y.js", "export default 1;");
  await build(it, "./y.js", frozen);

  await refused(build(it, `${server.origin}/gone.js`), "module_not_found");
  await refused(build(it, `${server.origin}/none.js`), "module_not_found");
  server.pages["/broken.js"] = { status: 503 };
  await refused(build(it, `${server.origin}/broken.js`), "module_unreachable");
  server.pages["/cut.js"] = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode("export default 1;"));
          controller.error(new Error("cut"));
        },
      }),
      { headers: { "content-type": "text/javascript" } },
    );
  await refused(build(it, `${server.origin}/cut.js`), "module_unreachable");
  await refused(build(it, "http://127.0.0.1:1/x.js"), "module_unreachable");
});
