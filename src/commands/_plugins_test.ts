import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { UserError } from "../errors.ts";
import type { PluginSetting } from "../plugin_setting.ts";
import { moduleMode, namedPlugin } from "./_plugins.ts";
import type { Call } from "./types.ts";

/** A call of which only flags and one variable are asked for. */
function withFlags(flags: readonly string[], ci?: string): Call {
  const flag = (name: string) => flags.includes(name);
  return { flag, io: { env: (name: string) => name === "CI" ? ci : undefined } } as unknown as Call;
}

Deno.test("flags and CI say how modules are got", () => {
  const none = { frozen: false, cachedOnly: false, reload: false };
  assertEquals(moduleMode(withFlags([])), none);
  assertEquals(moduleMode(withFlags(["frozen", "reload"])), {
    ...none,
    frozen: true,
    reload: true,
  });
  assertEquals(moduleMode(withFlags(["cached-only"])), { ...none, cachedOnly: true });
  for (const ci of ["true", "1", "yes", "woodpecker"]) {
    assertEquals(moduleMode(withFlags([], ci)).frozen, true, ci);
  }
  for (const ci of ["", "0", "false", "FALSE"]) {
    assertEquals(moduleMode(withFlags([], ci)).frozen, false, ci);
  }
  assertThrows(
    () => moduleMode(withFlags(["cached-only", "reload"])),
    UserError,
    "exclude each other",
  );
});

function setting(url: string): PluginSetting {
  return { url, permissions: {}, options: {}, isolation: "worker", file: "config.toml" };
}

Deno.test("a plugin is named by its address in any spelling, or by its name", () => {
  const plugins = [setting("./a.js"), setting("https://example.com/b.ts"), setting("./c.js")];
  const names: Readonly<Record<string, string>> = {
    "./a.js": "a",
    "https://example.com/b.ts": "same",
    "./c.js": "same",
  };
  const find = (argument: string) => namedPlugin(argument, plugins, ({ url }) => names[url]).url;
  assertEquals(find("a"), "./a.js");
  assertEquals(find("././a.js"), "./a.js");
  assertEquals(find("https://EXAMPLE.com:443/b.ts"), "https://example.com/b.ts");
  const two = assertThrows(() => find("same"), UserError);
  assertStringIncludes(two.message, "https://example.com/b.ts, ./c.js");
  const unknown = assertThrows(() => find("d"), UserError);
  assertEquals(
    unknown.hint,
    "the plugins are a (./a.js), same (https://example.com/b.ts), same (./c.js)",
  );
  assertEquals(
    assertThrows(() => namedPlugin("d", [], () => undefined), UserError).hint,
    "no plugin is configured",
  );
});
