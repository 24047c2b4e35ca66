import { assertEquals } from "@std/assert";
import { parse } from "@std/toml";
import fc from "fast-check";
import { addElement, removeElement, type Source } from "./edit.ts";

type Table = Readonly<Record<string, unknown>>;

const toml = "toml";
const json = "json";

/** The text with the plugin; the test fails where it is refused. */
async function addPlugin(format: Source["format"], text: string, plugin: Table): Promise<string> {
  return await addElement({ format, text }, "plugin", plugin) ?? "refused";
}

async function removePlugin(format: Source["format"], text: string, index: number) {
  return await removeElement({ format, text }, "plugin", index) ?? "refused";
}

Deno.test("a plugin is added at the end of a TOML file, and everything before it stays", async () => {
  const before = '# mine\nplugins = [ "a.json" ] # odd   spaces\n\n[gates]\nthreshold = 90\n';
  const after = await addPlugin(toml, before, {
    url: "https://example.com/x.ts",
    permissions: { read: ["."], net: true, env: ["A\x7fB"] },
    options: { level: 3, "odd key": 'say "hi"', list: [1, { a: true }], empty: {} },
    isolation: "none",
  });
  assertEquals(
    after,
    `${before}
[[plugin]]
url = "https://example.com/x.ts"
permissions = { read = ["."], net = true, env = ["A\\u007fB"] }
options = { level = 3, "odd key" = "say \\"hi\\"", list = [1, { a = true }], empty = {} }
isolation = "none"
`,
  );
  assertEquals(await removePlugin(toml, after, 0), before);
});

Deno.test("a block is taken out with its tables; comments around it and other blocks stay", async () => {
  const text = `# first of all
[[plugin]]
url = "./a.js" # a

# what b is for
[[plugin]] # b
url = "./b.js"
  # inside of b
  [plugin.permissions]
  read = [
    "x", # the [[plugin]] x
  ]

# after b
[gates]
threshold = 90

[plugin.options]
note = """
[[plugin]]
"""

[[plugin]]
url = './c.js'
# the end`;
  assertEquals(
    await removePlugin(toml, text, 1),
    `# first of all
[[plugin]]
url = "./a.js" # a

# what b is for

# after b
[gates]
threshold = 90

[[plugin]]
url = './c.js'
# the end`,
  );
  assertEquals(
    await removePlugin(toml, text, 0),
    text.replace('[[plugin]]\nurl = "./a.js" # a\n', ""),
  );
  assertEquals(
    await removePlugin(toml, text, 2),
    text.replace("\n[[plugin]]\nurl = './c.js'\n", ""),
  );
});

Deno.test("plugins in brackets are edited where they are", async () => {
  const one = 'plugin = [{ url = "./a.js" }] # all\n[gates]\n';
  const two = await addPlugin(toml, one, { url: "./b.js" });
  assertEquals(two, 'plugin = [{ url = "./a.js" }, { url = "./b.js" }] # all\n[gates]\n');
  assertEquals(await removePlugin(toml, two, 1), one);
  assertEquals(
    await removePlugin(toml, two, 0),
    'plugin = [{ url = "./b.js" }] # all\n[gates]\n',
  );
  const lines =
    'plugin = [\n  { url = "./a.js" }, # a, of all\n  # b\n  { url = "./b.js" }, # b\n]\n';
  const more = await addPlugin(toml, lines, { url: "./c.js" });
  assertEquals(more, lines.replace(/(b\.js" })/, '$1,\n  { url = "./c.js" }'));
  assertEquals(await removePlugin(toml, more, 2), lines);
  assertEquals(
    await removePlugin(toml, lines, 1),
    'plugin = [\n  { url = "./a.js" }, # a, of all\n  # b\n   # b\n]\n',
  );
  assertEquals(
    await removePlugin(toml, lines, 0),
    'plugin = [\n   # a, of all\n  # b\n  { url = "./b.js" }, # b\n]\n',
  );
  const empty = "plugin = [ ]\n";
  const added = await addPlugin(toml, empty, { url: "./a.js" });
  assertEquals(added, 'plugin = [{ url = "./a.js" } ]\n');
  assertEquals(await removePlugin(toml, added, 0), empty);
  assertEquals(await removePlugin(toml, 'plugin = [ { url = "./a.js" } , ]', 0), "plugin = [  ]");
});

Deno.test("JSON keeps its layout", async () => {
  const before = '{\n    "gates": {"threshold" : 90},\n    "plugins": [ "x.json" ]\n}\n';
  const after = await addPlugin(json, before, { url: "./a.js", permissions: { read: ["."] } });
  assertEquals(
    after,
    before.replace(
      " ]\n}",
      ` ],
    "plugin": [
        {
            "url": "./a.js",
            "permissions": {
                "read": [
                    "."
                ]
            }
        }
    ]
}`,
    ),
  );
  assertEquals(await removePlugin(json, after, 0), before);
  const two = await addPlugin(json, after, { url: "./b.js" });
  assertEquals(JSON.parse(two).plugin.map(({ url }: { url: string }) => url), ["./a.js", "./b.js"]);
  assertEquals(await removePlugin(json, two, 1), after);
  assertEquals(JSON.parse(await removePlugin(json, two, 0)).plugin, [{ url: "./b.js" }]);
  const first = await addPlugin(json, "{}", { url: "./a.js" });
  assertEquals(JSON.parse(first), { plugin: [{ url: "./a.js" }] });
  assertEquals(await removePlugin(json, first, 0), "{}");
});

Deno.test("what cannot be edited for sure is refused, and nothing is guessed", async () => {
  // A comment in front of its comma: cutting the element would leave two commas. `@std/toml` does not read such a
  // text, and then it is not edited.
  const text = 'plugin = [\n  { url = "./a.js" } # a\n  ,\n  { url = "./b.js" }\n]\n';
  const without = await removePlugin(toml, text, 0);
  if (without !== "refused") assertEquals(parse(without), parse('plugin = [{ url = "./b.js" }]'));
  const odd = 'plugin = [{ url = "./a.js" } # a\n,]\n';
  assertEquals(await removeElement({ format: toml, text: odd }, "plugin", 0), undefined);
  // TOML spells it otherwise.
  assertEquals(await addElement({ format: toml, text: "" }, "plugin", { most: NaN }), undefined);
});

const lineEnd = fc.constantFrom("\n", "\r\n");
const word = fc.stringMatching(/^[a-z]{1,6}$/);
const value = fc.oneof(
  fc.string().filter((text) => text.isWellFormed()),
  fc.integer(),
  fc.boolean(),
  fc.array(word, { maxLength: 3 }),
);
const newPlugin: fc.Arbitrary<Table> = fc.record({
  url: fc.string({ minLength: 1 }).filter((text) => text.isWellFormed()),
  permissions: fc.record({ read: fc.array(word, { minLength: 1 }), net: fc.constant(true) }, {
    requiredKeys: [],
  }),
  options: fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key.isWellFormed() && key !== "__proto__"),
    value,
    { maxKeys: 3, noNullPrototype: true },
  ),
});

/** Pieces that may stand between tables, and tables that may stand in any order. */
const filler = fc.constantFrom("", "  ", "# a comment", "\t# [[plugin]]", '# "', "# url = 'x'");
const block = fc.constantFrom(
  ["[gates] # x", "threshold = 90"],
  ["[locks]", 'timeout = "5m"', "# deep"],
  ["[store]", "output_cap = '''", "[[plugin]]", "'''"],
  ["[[plugin]]", 'url = "a"', "", "# inside", "permissions = { read = [", '  ".", # x', "] }"],
  ["[[plugin]]", "url = 'b' # ]", "[plugin.options]", 'note = """', "", '# no comment"""'],
  ["  [[ plugin ]]", "url = 'c'", "[plugin.options.deep]", "x = 1", "[plugin.permissions]"],
);

const document = fc.record({
  blocks: fc.uniqueArray(fc.tuple(fc.array(filler, { maxLength: 3 }), block), {
    maxLength: 6,
    selector: ([, lines]) => lines[0]!.includes("plugin") ? {} : lines[0],
  }),
  tail: fc.array(filler, { maxLength: 3 }),
  ends: fc.array(lineEnd, { minLength: 1, maxLength: 4 }),
  final: fc.boolean(),
}).map(({ blocks, tail, ends, final }) => {
  const lines = [...blocks.flatMap(([before, own]) => [...before, ...own]), ...tail];
  const text = lines.map((line, index) => line + ends[index % ends.length]).join("");
  return final ? text : text.replace(/\r?\n$/, "");
});

function plugins(text: string): unknown[] {
  return JSON.parse(JSON.stringify(parse(text).plugin ?? []));
}

Deno.test("adding and removing a plugin restores any TOML file, byte for byte", async () => {
  await fc.assert(
    fc.asyncProperty(document, newPlugin, async (text, plugin) => {
      const added = await addPlugin(toml, text, plugin);
      assertEquals(added.startsWith(text), true);
      const all = plugins(added);
      assertEquals(all.length, plugins(text).length + 1);
      assertEquals((all.at(-1) as Table).url, plugin.url);
      assertEquals(await removePlugin(toml, added, all.length - 1), text);
    }),
    { numRuns: 200 },
  );
});

Deno.test("taking any plugin out of any TOML file leaves the rest and every comment outside", async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.nat(), async (text, number) => {
      const before = plugins(text);
      fc.pre(before.length > 0);
      const index = number % before.length;
      const after = await removePlugin(toml, text, index);
      assertEquals(plugins(after), before.toSpliced(index, 1));
      const comments = (of: string) => of.split(/\r?\n/).filter((line) => line === "# a comment");
      assertEquals(comments(after), comments(text));
    }),
    { numRuns: 200 },
  );
});
