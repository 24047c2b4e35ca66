/**
 * Every command that the README and the hand-written documents show is run by a test: as a step of a scenario
 * (`tests/scripts`, `tests/machine/scripts`), or by the test that is named here.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { verbs } from "../src/cli/verbs.ts";
import { parseScenario } from "./scenario/parse.ts";
import { longScripts, scriptsOf, shortScripts } from "./scenario/scripts.ts";
import { permissionFlags, projectRoot } from "./support.ts";

const read = (path: string) => Deno.readTextFileSync(projectRoot + path);

/** Commands no scenario can run as they stand: which test does what they do, and what shows that it does. */
const elsewhere: Readonly<Record<string, readonly [file: string, holds: string]>> = {
  "npx -y deno@2.9.6 task demo": ["tests/readme_test.ts", "the demo prints what the README shows"],
  "npx -y deno@2.9.6 task test": [".ci/run", 'npx -y "deno@$deno_version" task test'],
  "npx -y deno@2.9.6 task npm": ["tests/machine/distribution_test.ts", "the README's install"],
  "npm install --global --install-links ./dist/npm": [
    "tests/machine/distribution_test.ts",
    "the README's install",
  ],
  "npx -y deno@2.9.6 task bundle": ["tests/machine/distribution_test.ts", "the bundle by its path"],
};

/** The lines of a document's shell blocks, without comments; continued lines are one. */
function commandsOf(document: string): string[] {
  const blocks = Array.from(document.matchAll(/```(?:sh|bash)\n(.*?)```/gs), ([, code]) => code!);
  return blocks.flatMap((code) => code.replaceAll(/\\\n\s*/g, "").split("\n"))
    .map((line) => line.replace(/(^|\s+)#.*$/, "").trim())
    .filter((line) => line !== "");
}

/** What the scenarios run, as one would type it. */
function stepsOfScenarios(): Set<string> {
  const steps = [shortScripts, longScripts].flatMap((folder) =>
    scriptsOf(folder).flatMap((name) => parseScenario(read(folder + name)).steps)
  );
  return new Set(
    steps.map(({ text }) =>
      text.replace(/^[!?] /, "").replace(/^background \S+ /, "").replace(/^exec /, "")
        .replace(/\s+#.*$/, "")
    ),
  );
}

/** The documents that are written by hand, generated sections in some of them included. */
const documents = [
  "README.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  ...Array.from(Deno.readDirSync(`${projectRoot}docs`), ({ name }) => `docs/${name}`)
    .filter((path) => path.endsWith(".md"))
    .filter((path) => !["docs/cli.md", "docs/configuration.md"].includes(path)).toSorted(),
];
const examples = [
  "deno-app",
  ...["complexity", "django", "docker", "rails", "teamcity", "timestamp"]
    .map((name) => `plugins/${name}`),
].map((folder) => `examples/${folder}/README.md`);

for (const document of documents) {
  Deno.test(`every command of ${document} is run by a test`, () => {
    const steps = stepsOfScenarios();
    const commands = commandsOf(read(document));
    const untested = commands.filter((line) =>
      !steps.has(line) && !(line in elsewhere) && !line.startsWith("alias ")
    );
    assertEquals(untested, []);
  });
}

Deno.test("what is said to be tested elsewhere is, and is still shown", () => {
  const shown = new Set(documents.flatMap((document) => commandsOf(read(document))));
  for (const [command, [file, holds]] of Object.entries(elsewhere)) {
    assert(shown.has(command), `no document shows \`${command}\` now`);
    assert(read(file).includes(holds), `${file} does not hold ${JSON.stringify(holds)}`);
  }
});

Deno.test("every verb and every task that the documents name exists", () => {
  const config = read("deno.json");
  const names = new Set(["help", ...verbs.map(({ name }) => name)]);
  const missing = [...documents, ...examples].flatMap((document) => {
    const text = read(document);
    const lines = commandsOf(text).map((line) => `\`${line}`).join("\n");
    const called = Array.from(
      `${text}\n${lines}`.matchAll(/`assay ([a-z]+)/g),
      ([, name]) => name!,
    );
    const tasks = Array.from(text.matchAll(/deno(?:@[\d.]+)? task ([\w:]+)/g), ([, name]) => name!);
    return [
      ...called.filter((name) => !names.has(name)),
      ...tasks.filter((name) => !config.includes(`"${name}":`)),
    ].map((name) => `${document}: ${name}`);
  });
  assertEquals(missing, []);
});

/** What GitHub calls the place of a heading. */
function anchorOf(heading: string): string {
  return heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}

Deno.test("what the documents link to is there", () => {
  const anchors = (path: string) =>
    Array.from(read(path).matchAll(/^#+ (.*)$/gm), ([, heading]) => anchorOf(heading!));
  const broken = [...documents, ...examples].flatMap((document) =>
    Array.from(read(document).matchAll(/\]\(([^)\s]+)\)/g), ([, target]) => target!)
      .filter((target) => !target.startsWith("https://"))
      .filter((target) => {
        const [path, anchor] = target.split("#") as [string, string?];
        const file = path === ""
          ? document
          : new URL(path, `file:///${document}`).pathname.slice(1);
        if (!isThere(file)) return true;
        return anchor !== undefined && !anchors(file).includes(anchor);
      })
      .map((target) => `${document}: ${target}`)
  );
  assertEquals(broken, []);
});

function isThere(path: string): boolean {
  try {
    Deno.statSync(projectRoot + path);
    return true;
  } catch {
    return false;
  }
}

Deno.test("the README's alias starts assay with the flags that everything here is tested with", () => {
  const alias = commandsOf(read("README.md")).find((line) => line.startsWith("alias assay="));
  assertEquals(
    alias,
    `alias assay='npx -y deno@2.9.6 run ${permissionFlags().join(" ")} /path/to/dist/assay.js'`,
  );
});
