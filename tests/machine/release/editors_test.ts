/**
 * What editors make of the schemas: the language server that VS Code has for JSON, and taplo, which Even Better
 * TOML is. Both find them as `assay init` writes them, by a relative path and without a network.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import languages from "vscode-json-languageservice";
import { isolatedEnv, projectRoot, run, runAssay, textOf, withFolder } from "../../support.ts";

async function withInit(body: (root: string, home: string) => Promise<void>): Promise<void> {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/deno.json`, "{}");
    const home = `${folder}/.home`;
    await Deno.mkdir(home);
    const { code } = await runAssay(["init"], { cwd: folder, env: isolatedEnv(home) });
    assertEquals(code, 0);
    await body(folder, home);
  });
}

Deno.test("VS Code's JSON support checks and completes a plugin file with a relative $schema", async () => {
  await withInit(async (root) => {
    const uri = `file://${root}/.assay/plugins.json`;
    const asked: string[] = [];
    const service = languages.getLanguageService({
      schemaRequestService: (address) => {
        asked.push(address);
        return Deno.readTextFile(new URL(address));
      },
      workspaceContext: { resolveRelativePath: (path, base) => new URL(path, base).href },
    });
    const text = JSON.stringify({
      $schema: "./schemas/plugins.json",
      name: "mine",
      runners: [{ id: "unit", kind: "tset", detect_file: "Makefile", command: "make" }],
    });
    const document = languages.TextDocument.create(uri, "json", 1, text);
    const parsed = service.parseJSONDocument(document);
    const problems = await service.doValidation(document, parsed, {});
    assertEquals(problems.map(({ message }) => message), [
      'Value is not accepted. Valid values: "build", "test", "lint".',
    ]);
    const at = document.positionAt(text.indexOf("tset"));
    const offered = await service.doComplete(document, at, parsed);
    assertEquals(offered?.items.map(({ label }) => label), ['"build"', '"test"', '"lint"']);
    assertEquals(asked, [`file://${root}/.assay/schemas/plugins.json`]);
  });
});

Deno.test("taplo reads the schema of what init writes, and says what is wrong", async () => {
  await withInit(async (root, home) => {
    const [good, bad] = [`${root}/.assay/config.toml`, `${root}/.assay/bad.toml`];
    await Deno.writeTextFile(bad, "#:schema ./schemas/config.json\n[gates]\nthreshold = 940\n");
    const { stderr, code } = await run([
      Deno.execPath(),
      "run",
      "--quiet",
      "-A",
      `--config=${projectRoot}deno.json`,
      "npm:@taplo/cli@0.7.0",
      "lint",
      good,
      bad,
    ], { cwd: root, env: isolatedEnv(home) });
    const said = textOf(stderr);
    assertEquals(code, 1, said);
    assert(said.includes("940 is greater than the maximum of 100"), said);
    assert(!said.includes("invalid schema") && !said.includes(`path="${good}"`), said);
  });
});
