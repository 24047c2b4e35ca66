import { assertEquals } from "@std/assert";
import type { LoadedModule } from "../modules/mod.ts";
import type { PluginPermissions } from "../plugin_setting.ts";
import {
  joinedPermissions,
  missingPermissions,
  pluginRecord,
  samePermissions,
  unloadedRecord,
} from "./_plugin_record.ts";

Deno.test("what is missing is what no grant covers", () => {
  const rows: [PluginPermissions, PluginPermissions, PluginPermissions][] = [
    [{}, {}, {}],
    [{ read: ["a"] }, {}, { read: ["a"] }],
    [{ read: ["a"], net: true }, { read: true }, { net: true }],
    [{ read: true }, { read: ["."] }, { read: true }],
    [{ read: ["src/a", "."] }, { read: ["."] }, {}],
    [{ read: ["src/../..", "/etc", ".."] }, { read: ["."] }, { read: ["src/../..", "/etc", ".."] }],
    [{ read: ["src/a", "src", "srcs"] }, { read: ["./src/"] }, { read: ["srcs"] }],
    [{ write: ["/tmp/x"] }, { write: ["/tmp"] }, {}],
    [{ write: ["/x"] }, { write: ["/"] }, {}],
    [{ net: ["a:443", "a", "b.a:1"] }, { net: ["a"] }, { net: ["b.a:1"] }],
    [{ net: ["a"] }, { net: ["a:443"] }, { net: ["a"] }],
    [{ env: ["HOME", "A/B"] }, { env: ["HOME", "A"] }, { env: ["A/B"] }],
    [{ run: [], sys: false }, {}, {}],
  ];
  for (const [asked, granted, missing] of rows) {
    assertEquals(missingPermissions(asked, granted), missing, JSON.stringify([asked, granted]));
  }
});

Deno.test("joined grants hold both, and everything swallows a list", () => {
  assertEquals(
    joinedPermissions({ read: ["a"], net: ["x"], env: false }, { read: ["b", "a"], net: true }),
    { read: ["a", "b"], net: true },
  );
});

Deno.test("the order in which grants are written is no difference", () => {
  assertEquals(samePermissions({ read: ["a", "b"], net: false }, { read: ["b", "a"] }), true);
  assertEquals(samePermissions({ read: ["a"] }, { read: ["a", "b"] }), false);
  assertEquals(samePermissions({ read: true }, { read: ["a"] }), false);
  assertEquals(samePermissions({ env: [] }, {}), true);
});

Deno.test("a record tells of remote hosts, and of nothing that is not there", () => {
  const module = (url: string, local: boolean) => ({ url, local, sha256: "0", bytes: 10 });
  const loaded: LoadedModule = {
    setting: {
      url: "jsr:@a/b",
      permissions: { read: ["."], net: [] },
      options: {},
      isolation: "worker",
      file: "config.toml",
    },
    manifest: {
      name: "b",
      extensions: [{ name: "e", configKey: "k", validates: true, stores: false }],
      engines: [],
      annotators: [{ name: "a", eager: true }],
      parsers: [{ format: "f", holds: "tests", description: "" }],
      runners: [],
    },
    plugin: { name: "b" },
    warm() {},
    graph: {
      entry: "/x",
      folder: "/",
      key: "k",
      modules: [
        module("https://jsr.io/x.ts", false),
        module("https://jsr.io/y.ts", false),
        module("data:text/javascript,1", true),
      ],
      redirects: {},
    },
  };
  assertEquals(pluginRecord(loaded), {
    name: "b",
    version: null,
    description: null,
    url: "jsr:@a/b",
    isolation: "worker",
    state: "loaded",
    provides: {
      extensions: [{ name: "e", key: "k" }],
      engines: [],
      annotators: [{ name: "a", eager: true }],
      parsers: ["f"],
      runners: [],
    },
    modules: { count: 3, bytes: 30, hosts: ["jsr.io"] },
    permissions: { asked: {}, granted: { read: ["."] }, missing: {} },
  });
});

Deno.test("the record of a plugin that is not loaded is what the lock says, or nothing", () => {
  const setting = {
    url: "jsr:@a/b",
    permissions: { run: true },
    options: {},
    isolation: "worker",
    file: ".assay/config.toml",
  } as const;
  const never = unloadedRecord({ setting, state: "not_trusted" });
  assertEquals([never.name, never.provides, never.modules], ["jsr:@a/b", null, null]);
  assertEquals(never.permissions, { asked: {}, granted: { run: true }, missing: {} });
  const before = unloadedRecord({
    setting,
    state: "trusted",
    locked: {
      name: "b",
      version: "2",
      permissions: {},
      modules: { "https://jsr.io/x.ts": { sha256: "", bytes: 7 } },
      redirects: {},
      provides: {
        permissions: { net: true },
        extensions: [],
        engines: [],
        annotators: [],
        parsers: [{ format: "f", holds: "tests", description: "" }],
        runners: [],
      },
    },
  });
  assertEquals([before.name, before.version, before.state], ["b", "2", "trusted"]);
  assertEquals(before.provides?.parsers, ["f"]);
  assertEquals(before.modules, { count: 1, bytes: 7, hosts: ["jsr.io"] });
  assertEquals(before.permissions.missing, { net: true });
});
