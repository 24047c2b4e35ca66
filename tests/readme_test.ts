import { assert, assertEquals, assertMatch } from "@std/assert";
import { verbs } from "../src/cli/verbs.ts";
import { parseDuration, parseSize } from "../src/config/units.ts";
import { reporters } from "../src/report/reporters/mod.ts";
import { presets } from "../src/sandbox/presets.ts";
import { version } from "../src/version.ts";
import { withServedPlugin } from "./served_plugin.ts";
import { demo, sections, steady, withSection } from "./tools/readme.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("the README's generated tables are current (deno task docs)", async () => {
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
    assertMatch((await assay(0, "inspect", "hello")).stdout, /by greeting +sets GREETING/);
    const [attempt] = (await assay(0, "run", "hello", "--json")).json.attempts;
    assertEquals(typeof attempt.extension_data.greeting.took, "number");
    await Deno.writeTextFile(`${root}/.assay/commands.toml`, commands!.replace('"good', '1 # "'));
    assert((await assay(2, "run", "hello")).stderr.includes("text must be a text"));
  });
});

Deno.test("the README's reports for CI are ones that assay writes", async () => {
  const yaml = blocks(await read("README.md"), "ci", "yaml").join("\n");
  const asked = Array.from(yaml.matchAll(/--reporter (\w+)(?:=(\S+))?/g));
  assertEquals(asked.length, 4);
  for (const [, name, file] of asked) {
    const reporter = reporters.find((each) => each.name === name);
    assert(reporter !== undefined, name);
    // What is uploaded is what is written.
    if (file) assert(yaml.match(new RegExp(file.replaceAll(".", "\\.") + "\\b", "g"))!.length > 1);
  }
});

Deno.test("the documents' tables of built-in extensions are right", async () => {
  const [tables] = blocks(await read("docs/plugins.md"), "extensions", "toml");
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

Deno.test("the README's sandbox is read, explained, and holds", async () => {
  const [toml] = blocks(await read("README.md"), "sandbox", "toml");
  await withServedPlugin("/", { ".assay/commands.toml": toml! }, async ({ root, assay }) => {
    const { json } = await assay(0, "sandbox", "explain", "agent", "--json");
    assertEquals(json.preset, "build");
    const declared = json.dimensions.map(({ dimension, declared }: Record<string, string>) =>
      `${dimension}=${declared}`
    );
    for (const each of ["network=none", "memory=1g", "env=clean"]) {
      assert(declared.includes(each), `${each} in ${declared}`);
    }
    assertEquals(json.on_uncovered, "fail");
    await Deno.writeTextFile(`${root}/unknown.sh`, "touch made\n");
    const act = ["run", "--sandbox", "readonly", "--json", "--", "sh ./unknown.sh"];
    const [attempt] = (await assay(1, ...act)).json.attempts;
    assertEquals(
      attempt.reasons.map(({ code }: { code: string }) => code).includes("sandbox_denied"),
      true,
    );
  });
});

Deno.test("the documents' table of presets is that of the sources", async () => {
  const document = await read("docs/sandbox.md");
  for (const [name, preset] of Object.entries(presets)) {
    const row = new RegExp(`^\\| \`${name}\` *\\|(.*)\\|$`, "m").exec(document)?.[1];
    const [network, filesystem, timeout, memory, cpu, processes] = row!.split("|").map((cell) =>
      cell.trim()
    );
    const shown = { network, filesystem, timeout, memory, cpu, processes };
    for (const [key, text] of Object.entries(shown)) {
      const value = (preset as Readonly<Record<string, unknown>>)[key];
      const open = { network: "unrestricted", filesystem: "unrestricted", processes: "visible" };
      const expected = value ?? (open as Readonly<Record<string, string>>)[key] ?? "–";
      const meant = { timeout: parseDuration, cpu: parseDuration, memory: parseSize }[key];
      assertEquals(meant?.(text!) ?? text, expected, `${name}: ${key}`);
    }
  }
});
