import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseDuration, parseSize } from "../src/config/units.ts";
import { reporters } from "../src/report/reporters/mod.ts";
import { presets } from "../src/sandbox/presets.ts";
import { version } from "../src/version.ts";
import { withServedPlugin } from "./served_plugin.ts";
import { demo, sections, steady, withSection } from "./tools/readme.ts";

const read = (path: string) => Deno.readTextFile(new URL(`../${path}`, import.meta.url));

Deno.test("the documents' generated tables are current (deno task docs)", async () => {
  for (const { file, name, text } of sections()) {
    const document = await read(file);
    assertEquals(document, withSection(document, name, text), name);
  }
});

Deno.test("the README is at most 250 lines", async () => {
  assert((await read("README.md")).trimEnd().split("\n").length <= 250);
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

Deno.test("the README's first plugin is read, and applies where manage.py is", async () => {
  const [json] = blocks(await read("README.md"), "plugin", "json");
  const files = { ".assay/plugins.json": json!, "manage.py": "" };
  await withServedPlugin("/", files, async ({ root, assay }) => {
    await assay(0, "plugin", "check");
    const explained = async () => (await assay(0, "explain", "django_pytest", "--json")).json;
    const { detected, prepared } = await explained();
    assertEquals(detected, true);
    assertMatch(prepared.command, /--json-report-file=\.assay\/runs\/[0-9A-Z]{26}\/pytest\.json$/);
    await Deno.remove(`${root}/manage.py`);
    assertEquals((await explained()).detected, false);
  });
});

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
    assert((await assay(2, "run", "hello")).stderr.includes("text must be a string"));
  });
});

Deno.test("the reports for CI in the documents are ones that assay writes", async () => {
  const github = blocks(await read("README.md"), "ci", "yaml");
  const gitlab = blocks(await read("docs/reports.md"), "gitlab", "yaml");
  const yaml = [...github, ...gitlab].join("\n");
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
