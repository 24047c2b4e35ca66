import { assert, assertEquals } from "@std/assert";
import { verbs } from "../src/commands/mod.ts";
import { version } from "../src/version.ts";
import { withServedPlugin } from "./served_plugin.ts";
import { demo, sections, steady, withSection } from "./tools/readme.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("the README's generated tables are current (deno run -A tests/tools/readme.ts --write)", async () => {
  const document = await read("README.md");
  for (const [name, text] of Object.entries(sections())) {
    assertEquals(document, withSection(document, name, text), name);
  }
});

Deno.test("the demo prints what the README shows, but for times and ids", async () => {
  const document = await read("README.md");
  const shown = document.split("<!-- demo:begin -->\n")[1]!.split("\n<!-- demo:end -->")[0]!;
  assertEquals(steady(await demo()), steady(shown));
});

/** The code blocks of a language between the markers of `name`. */
function blocks(document: string, name: string, language: string): string[] {
  const section = document.split(`<!-- ${name}:begin -->`)[1]!.split(`<!-- ${name}:end -->`)[0]!;
  const found = section.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "gs"));
  return Array.from(found, ([, code]) => code!);
}

Deno.test("the README's first code plugin does what it says", async () => {
  const document = await read("README.md");
  const [plugin] = blocks(document, "greeting", "ts");
  const [commands] = blocks(document, "greeting", "toml");
  await withServedPlugin("/", { "greeting.ts": plugin! }, async ({ root, assay }) => {
    await assay(0, "plugin", "add", "./greeting.ts");
    await Deno.writeTextFile(`${root}/.assay/commands.toml`, commands!);
    assertEquals((await assay(0, "run", "hello")).stdout, "good morning\n");
    assert((await assay(0, "explain", "hello")).stdout.includes("greeting"));
    const [attempt] = (await assay(0, "run", "hello", "--json")).json.runners;
    assertEquals(typeof attempt.extension_data.greeting.took, "number");
    await Deno.writeTextFile(`${root}/.assay/commands.toml`, commands!.replace('"good', '1 # "'));
    assert((await assay(2, "run", "hello")).stderr.includes("text must be a text"));
  });
});

Deno.test("the README's tables of built-in extensions are right", async () => {
  const [tables] = blocks(await read("README.md"), "extensions", "toml");
  await withServedPlugin("/", { ".assay/commands.toml": tables! }, async ({ assay }) => {
    await assay(0, "plugin", "check");
  });
});

Deno.test("every verb the README's code calls exists", async () => {
  const blocks = (await read("README.md")).match(/```sh[\s\S]*?```/g)!.join("\n");
  const called = [...blocks.matchAll(/^assay (\w+)/gm)].map(([, name]) => name);
  assert(called.length > 2);
  for (const name of called) assert(verbs.some((verb) => verb.name === name), `assay ${name}`);
});

Deno.test("every task the README names exists", async () => {
  const config = await read("deno.json");
  for (const [, name] of (await read("README.md")).matchAll(/deno(?:@[\d.]+)? task (\w+)/g)) {
    assert(config.includes(`"${name}":`), `task ${name}`);
  }
});

Deno.test("the version is the one in deno.json", async () => {
  assert((await read("deno.json")).includes(`"version": "${version}"`));
});
