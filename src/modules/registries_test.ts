import { assertEquals, assertStringIncludes } from "@std/assert";
import { build, load, lockOf, type Page, project, redirect, refused, serve } from "./_testing.ts";

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A package as a JSR registry serves it. */
async function jsrPackage(
  name: string,
  version: string,
  exports: string | Record<string, string>,
  files: Record<string, string>,
): Promise<Record<string, Page>> {
  const manifest = Object.fromEntries(
    await Promise.all(
      Object.entries(files).map(async ([path, text]) => [path, {
        size: text.length,
        checksum: `sha256-${await sha256(text)}`,
      }]),
    ),
  );
  return {
    [`/${name}/${version}_meta.json`]: JSON.stringify({ exports, manifest, moduleGraph2: {} }),
    ...Object.fromEntries(
      Object.entries(files).map(([path, text]) => [`/${name}/${version}${path}`, text]),
    ),
  };
}

function jsrVersions(versions: Record<string, { yanked?: boolean }>, latest?: string): string {
  return JSON.stringify({ scope: "a", name: "b", latest: latest ?? null, versions });
}

const version = (v: string) => ({ "/mod.ts": `export const version: string = "${v}";` });

Deno.test("jsr: the newest version that was not withdrawn, by the rules of npm's ranges", async () => {
  const all = ["0.9.0", "1.0.0", "1.2.0", "1.2.9", "1.10.0", "2.0.0-rc.1"];
  const pages: Record<string, Page> = {
    "/@a/b/meta.json": jsrVersions(
      Object.fromEntries([...all.map((v) => [v, {}]), ["1.11.0", { yanked: true }]]),
    ),
    "/@a/pre/meta.json": jsrVersions({ "1.0.0-rc.1": {} }, "1.0.0-rc.1"),
  };
  for (const v of all) Object.assign(pages, await jsrPackage("@a/b", v, "./mod.ts", version(v)));
  Object.assign(pages, await jsrPackage("@a/pre", "1.0.0-rc.1", "./mod.ts", version("pre")));
  await using server = serve(pages);
  using it = project();
  const settings = { jsr: `${server.origin}/` };
  const cases: [string, string][] = [
    ["jsr:@a/b", "1.10.0"],
    ["jsr:@a/b@1", "1.10.0"],
    ["jsr:/@a/b@1", "1.10.0"],
    ["jsr:@a/b@^1.2", "1.10.0"],
    ["jsr:@a/b@~1.2", "1.2.9"],
    ["jsr:@a/b@1.2.0", "1.2.0"],
    ["jsr:@a/b@<1", "0.9.0"],
    ["jsr:@a/b@1.0%20-%201.2.0", "1.2.0"],
    ["jsr:@a/b@^2.0.0-rc.0", "2.0.0-rc.1"],
    ["jsr:@a/pre", "pre"],
  ];
  for (const [url, expected] of cases) {
    assertEquals((await load(await build(it, url, { settings }))).version, expected, url);
  }
  for (const range of ["3", "1.11.0", "<0.1"]) {
    const error = await refused(
      build(it, `jsr:@a/b@${range}`, { settings }),
      "module_version_not_found",
    );
    assertStringIncludes(error.hint!, "1.10.0");
  }
  await refused(build(it, "jsr:@a/b@latest", { settings }), "module_address_invalid");
  await refused(build(it, "jsr:@a/none@1", { settings }), "module_not_found");
});

Deno.test("jsr: exports, imports of other packages, and the registry's checksums", async () => {
  const files = {
    "/mod.ts": `import { twice } from "jsr:@a/other@^1/twice";
import { definePlugin } from "npm:assay@^0.1/plugin";
import { definePlugin as ofJsr } from "jsr:@assay/assay@^0.1/plugin";
if (ofJsr !== definePlugin) throw new Error("two helpers");
import { part } from "./src/part.ts";
import left from "npm:left-pad@1";
export default definePlugin({ name: twice(part) + left } as never);`,
    "/src/part.ts": `export const part: string = "x";`,
    "/unlisted.ts": "export default 1;",
  };
  const { "/unlisted.ts": _, ...listed } = files;
  await using server = serve({
    "/@a/b/meta.json": jsrVersions({ "1.0.0": {} }),
    ...await jsrPackage("@a/b", "1.0.0", { ".": "./mod.ts", "./out": "../../x.ts" }, listed),
    "/@a/b/1.0.0/unlisted.ts": files["/unlisted.ts"],
    "/@a/other/meta.json": jsrVersions({ "1.4.0": {} }),
    ...await jsrPackage("@a/other", "1.4.0", { "./twice": "./twice.ts" }, {
      "/twice.ts": "export const twice = (text: string): string => text + text;",
    }),
    "/npm/left-pad@1": redirect("/npm/left-pad@1.3.0"),
    "/npm/left-pad@1.3.0": `export { default } from "/npm/left-pad@1.3.0/es2022/left-pad.mjs";`,
    "/npm/left-pad@1.3.0/es2022/left-pad.mjs": `export default "!";`,
  });
  using it = project();
  const settings = { jsr: `${server.origin}/`, npm: `${server.origin}/npm/` };
  const graph = await build(it, "jsr:@a/b@1", { settings });
  assertEquals(await load<{ default: { name: string } }>(graph).then((m) => m.default.name), "xx!");
  assertEquals(graph.redirects, {
    [`${server.origin}/npm/left-pad@1`]: `${server.origin}/npm/left-pad@1.3.0`,
    "jsr:@a/b@1": `${server.origin}/@a/b/1.0.0/mod.ts`,
    "jsr:@a/other@^1/twice": `${server.origin}/@a/other/1.4.0/twice.ts`,
    "npm:left-pad@1": `${server.origin}/npm/left-pad@1`,
  });

  // The lock keeps the versions although newer ones appear, even with --reload.
  server.pages["/@a/b/meta.json"] = jsrVersions({ "1.0.0": {}, "1.1.0": {} });
  const locked = await lockOf(it, graph);
  const asked = server.asked.length;
  assertEquals((await build(it, "jsr:@a/b@1", { settings, locked })).key, graph.key);
  assertEquals(server.asked.length, asked, "nothing is asked when all is locked and cached");
  const reloaded = await build(it, "jsr:@a/b@1", { settings, locked, mode: { reload: true } });
  assertEquals(reloaded.key, graph.key);

  await refused(build(it, "jsr:@a/b@1.0.0/nothing", { settings }), "module_not_found");
  await refused(build(it, "jsr:@a/b@1.0.0/out", { settings }), "module_address_invalid");
  const unlisted = `${server.origin}/@a/b/1.0.0/unlisted.ts`;
  await refused(build(it, unlisted, { settings }), "module_not_found");
  server.pages["/@a/b/1.0.0/src/part.ts"] = `export const part: string = "evil";`;
  const error = await refused(build(it, "jsr:@a/b@1.0.0", { settings }), "module_changed");
  assertStringIncludes(error.message, "the registry published it");
});

Deno.test("jsr: answers that are none of a registry are refused", async () => {
  await using server = serve({});
  using it = project();
  const settings = { jsr: `${server.origin}/` };
  const answers = [
    "",
    "[]",
    "null",
    "<html>",
    '{"versions":{"1.0.0":null}}',

    "{}",
  ];
  for (const answer of answers) {
    server.pages["/@a/b/meta.json"] = answer;
    await refused(build(it, "jsr:@a/b@1", { settings }), "module_unreachable");
  }
  server.pages["/@a/b/meta.json"] = jsrVersions({ "1.0.0": {} });
  for (
    const answer of [...answers, '{"exports":{".":1},"manifest":{}}', '{"exports":"./mod.ts"}']
  ) {
    server.pages["/@a/b/1.0.0_meta.json"] = answer;
    await refused(build(it, "jsr:@a/b@1", { settings }), "module_unreachable");
  }
  server.pages["/@a/b/meta.json"] = redirect("https://evil.example/meta.json");
  await refused(build(it, "jsr:@a/b@1", { settings }), "module_host_refused");
  server.pages["/@a/b/meta.json"] = " ".repeat(2000);
  const large = await refused(
    build(it, "jsr:@a/b@1", { settings: { ...settings, maxBytes: 1000 } }),
    "module_too_large",
  );
  assertStringIncludes(large.message, `${server.origin}/@a/b/meta.json is larger than 1000 bytes`);
});

Deno.test("npm: scopes, ranges, paths and a query of the CDN", async () => {
  await using server = serve({
    "/@s/n@%5E1.2/sub/x.js?target=es2022": "export default 1;",
    "/n?target=es2022": "export default 2;",
    "/n@1%20-%202?target=es2022": "export default 3;",
  });
  using it = project();
  const settings = { npm: `${server.origin}/?target=es2022` };
  const value = async (url: string) => (await load(await build(it, url, { settings }))).default;
  assertEquals(await value("npm:@s/n@^1.2/sub/x.js"), 1);
  assertEquals(await value("npm:n"), 2);
  assertEquals(await value("npm:/n@1 - 2"), 3);
  const wrong = ["npm:", "npm:@s", "npm:../x", "npm:a@1/../../x", "npm:a@1/%2e%2e/../x"];
  for (const url of wrong) await refused(build(it, url, { settings }), "module_address_invalid");
});

Deno.test("registries that cannot be reached: the address that was asked, and the cause", async () => {
  using it = project();
  const down = {
    ...it,
    io: {
      ...it.io,
      fetch: (url: string) => {
        const cause = new Error(`error sending request for url (${url}): dns error: no such name`);
        return Promise.reject(new TypeError("fetch failed", { cause }));
      },
    },
  };
  const jsr = await refused(build(down, "jsr:@a/b@1"), "module_unreachable");
  const asked = "Cannot load the module jsr:@a/b@1: for https://jsr.io/@a/b/meta.json: ";
  const cause = "fetch failed: error sending request: dns error: no such name";
  assertEquals(jsr.message, `${asked}${cause}`);
  const npm = await refused(build(down, "npm:b@1"), "module_unreachable");
  assertEquals(npm.message, `Cannot load the module https://esm.sh/b@1: ${cause}`);
});

Deno.test("registries are hosts like others: they must be allowed", async () => {
  using it = project();
  const settings = { allow: [] };
  await refused(build(it, "jsr:@a/b@1", { settings }), "module_host_refused");
  await refused(build(it, "npm:b@1", { settings }), "module_host_refused");
});
