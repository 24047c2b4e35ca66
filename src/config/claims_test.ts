import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserErrors } from "../errors.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import { checkClaims, type ClaimingModule, type Claims } from "./claims.ts";

const builtin: Claims = {
  name: "assay",
  extensions: [{ name: "env", configKey: "env" }],
  engines: [{ name: "bwrap" }],
  annotators: [{ name: "blame" }],
  parsers: [{ format: "junit-xml" }],
  runners: [{ id: "deno_test" }],
};

function module(url: string, manifest: Partial<PluginManifest>, line = 1): ClaimingModule {
  return {
    setting: { url, permissions: {}, options: {}, isolation: "worker", file: "config.toml", line },
    manifest: {
      name: url,
      extensions: [],
      engines: [],
      annotators: [],
      parsers: [],
      runners: [],
      ...manifest,
    },
  };
}

function extension(name: string, configKey: string) {
  return { name, configKey, validates: false, stores: false };
}

function engine(name: string) {
  return { name, capabilities: [], probes: false, collects: false };
}

const runner = { id: "x", kind: "test", detect_file: "x", command: "x" } as const;

function refused(...modules: ClaimingModule[]) {
  return assertThrows(() => checkClaims(builtin, modules), UserErrors).errors;
}

Deno.test("plugins that claim different things are all right, and may replace a built-in runner", () => {
  checkClaims(builtin, []);
  checkClaims(builtin, [
    module("./a.js", {
      extensions: [extension("a", "a")],
      runners: [{ ...runner, id: "deno_test" }],
    }),
    module("./b.js", { extensions: [extension("b", "b")], runners: [runner] }),
  ]);
});

Deno.test("each thing that two plugins claim is reported with both and what to do", () => {
  const everything: Partial<PluginManifest> = {
    extensions: [extension("e", "key")],
    engines: [engine("box")],
    annotators: [{ name: "note", eager: true }],
    parsers: [{ format: "f", holds: "tests", description: "" }],
    runners: [runner],
  };
  const errors = refused(module("./a.js", everything), module("./b.js", everything, 7));
  const whys = errors.map(({ message }) => message.replace(/^.*?: it /, ""));
  assertEquals(
    whys.map((why) => why.replace(', and so does the plugin "./a.js" (./a.js)', "")),
    [
      'has an extension named "e" (config.toml, line 7)',
      'has an extension for the key "key" (config.toml, line 7)',
      'has an engine named "box" (config.toml, line 7)',
      'has an annotator named "note" (config.toml, line 7)',
      'has a parser for the format "f" (config.toml, line 7)',
      'has a runner with the id "x" (config.toml, line 7)',
    ],
  );
  for (const { message, place, hint, code } of errors) {
    assertStringIncludes(message, 'Cannot use the plugin "./b.js" (./b.js): ');
    assertStringIncludes(message, "(./a.js)");
    assertEquals([place.file, place.line, code], ["config.toml", 7, "plugin_claim"]);
    assertEquals(
      hint,
      "keep one of them: assay plugin remove ./a.js, or assay plugin remove ./b.js",
    );
  }
});

Deno.test("what assay itself has is taken", () => {
  const errors = refused(module("./a.js", {
    name: "assay",
    extensions: [extension("env", "x")],
    engines: [engine("bwrap")],
    annotators: [{ name: "blame", eager: true }],
    parsers: [{ format: "junit-xml", holds: "tests", description: "" }],
  }));
  assertEquals(errors.length, 5);
  for (const { message, hint } of errors) {
    assertStringIncludes(message, "and so does assay itself");
    assertEquals(hint, "remove it: assay plugin remove ./a.js");
  }
});

Deno.test("a key that is a field, and a format that needs no parser, are no one's", () => {
  const errors = refused(module("./a.js", {
    extensions: [extension("a", "timeout"), extension("b", "tpl"), extension("c", "detect_file")],
    parsers: [{ format: "exit-code", holds: "tests", description: "" }],
  }));
  assertEquals(
    errors.map(({ message }) => /"(timeout|tpl|detect_file|exit-code)"/.exec(message)?.[1]),
    [
      "timeout",
      "tpl",
      "detect_file",
      "exit-code",
    ],
  );
});

Deno.test("one plugin that claims a thing twice is an error", () => {
  const [error] = refused(module("./a.js", { engines: [engine("box"), engine("box")] }));
  assertEquals(
    error?.message,
    'Cannot use the plugin "./a.js" (./a.js): it has an engine named "box" twice (config.toml, line 1)',
  );
});

Deno.test("three plugins of one name are two errors", () => {
  const errors = refused(
    module("./a.js", { name: "n" }),
    module("./b.js", { name: "n" }),
    module("./c.js", { name: "n" }),
  );
  assertEquals(errors.length, 2);
});
