import { assertEquals, assertThrows } from "@std/assert";
import { UserError } from "../errors.ts";
import type { PluginSetting } from "../plugin_setting.ts";
import { addCommand, grantedByFlags, optionsByFlags } from "./_plugin_grants.ts";
import { type Call, everything } from "./types.ts";

/** A call of which only the lists are asked for. */
function withLists(lists: Readonly<Record<string, readonly string[]>>): Call {
  return { list: (name: string) => lists[name] ?? [] } as unknown as Call;
}

Deno.test("grants are lists, several times added up, or everything", () => {
  assertEquals(grantedByFlags(withLists({})), {});
  assertEquals(
    grantedByFlags(withLists({
      "allow-read": ["a, b", "c", "a"],
      "allow-net": ["x", everything],
      "allow-env": [everything],
    })),
    { read: ["a", "b", "c"], net: true, env: true },
  );
  for (const value of [",", "a,", " "]) {
    assertThrows(() => grantedByFlags(withLists({ "allow-read": [value] })), UserError);
  }
});

Deno.test("options are JSON where they are, and a text where they are not", () => {
  assertEquals(
    optionsByFlags(withLists({
      option: [
        "a=1",
        "b=x=y",
        "c=",
        'd="1"',
        'e=["x"]',
        "f=null",
        "g=[null]",
        'h="null"',
        "i=true",
      ],
    })),
    {
      a: 1,
      b: "x=y",
      c: "",
      d: "1",
      e: ["x"],
      f: "null",
      g: "[null]",
      h: "null",
      i: true,
    },
  );
  for (const option of [["a"], ["=1"], ["__proto__=1"], ["a=1", "a=2"]]) {
    assertThrows(() => optionsByFlags(withLists({ option })), UserError);
  }
});

Deno.test("the command that adds a plugin again is quoted for the shell, and says all that was said", () => {
  const setting: PluginSetting = {
    url: "data:text/javascript,export default { name: 'x' }",
    permissions: {},
    options: { level: 3, name: "it's", list: ["a"] },
    isolation: "none",
    file: "config.toml",
  };
  const url = `'data:text/javascript,export default { name: '\\''x'\\'' }'`;
  assertEquals(
    addCommand(setting, { read: ["a b"], net: true }),
    `assay plugin remove ${url} && assay plugin add ${url} '--allow-read=a b' --allow-net ` +
      `--isolation none --option level=3 --option 'name=it'\\''s' --option 'list=["a"]'`,
  );
});
