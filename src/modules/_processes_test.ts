import { assert, assertEquals } from "@std/assert";
import { transform } from "./_record.ts";
import { build, filesBelow, load, lockOf, project, serve } from "./_testing.ts";

Deno.test("the transform is named after the libraries it uses", () => {
  const text = Deno.readTextFileSync(new URL("../../deno.json", import.meta.url));
  for (const library of ["es-module-lexer"]) {
    const version = new RegExp(`npm:${library}@([\\d.]+)`).exec(text)?.[1];
    assert(transform.includes(`${library}-${version}`), `${library} ${version} in ${transform}`);
  }
});

Deno.test("assays that build at once and are killed leave a whole cache behind", async () => {
  await using server = serve({
    "/main.ts": `import { part } from "./part.ts"; export default part as number;`,
    "/part.ts": "export const part: number = 7;",
  });
  using it = project();
  const url = `${server.origin}/main.ts`;
  const source = `
    import { buildGraph } from ${JSON.stringify(new URL("./build.ts", import.meta.url).href)};
    import { defaultModuleSettings } from ${
    JSON.stringify(new URL("../plugin_setting.ts", import.meta.url).href)
  };
    import { realIo } from ${JSON.stringify(new URL("../real_io.ts", import.meta.url).href)};
    const mode = { frozen: false, cachedOnly: false, reload: true };
    console.log("begin");
    for (let i = 0; i < 1000; i++) {
      await buildGraph(realIo(), ${JSON.stringify(it.root)}, ${JSON.stringify(url)},
        defaultModuleSettings, mode, undefined);
    }`;
  it.write("loop.ts", source);
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const args = ["run", "-A", "--quiet", "--no-check", `--config=${config}`, `${it.root}/loop.ts`];
  const children = Array.from({ length: 3 }, () =>
    new Deno.Command(Deno.execPath(), {
      args,
      env: {
        XDG_CACHE_HOME: it.cache.replace(/\/assay\/modules$/, ""),
        DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
      },
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn());
  for (const [i, child] of children.entries()) {
    const reader = child.stdout.getReader();
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 200 + i * 37));
    child.kill("SIGKILL");
    assertEquals((await child.status).signal, "SIGKILL", "it was still building");
    await reader.cancel();
  }
  const graph = await build(it, url);
  assertEquals((await load(graph)).default, 7);
  const locked = await lockOf(it, graph);
  const again = await build(it, url, { locked, mode: { cachedOnly: true } });
  assertEquals(again.key, graph.key);
  const sources = filesBelow(`${it.cache}/sources`).filter((file) => !file.endsWith(".tmp"));
  assertEquals(sources.length, 2);
});
