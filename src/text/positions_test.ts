import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { JsonError, jsonSpans, scanJson } from "./json.ts";
import { keyText, Positions } from "./positions.ts";
import { scanToml } from "./toml.ts";

Deno.test("keys of TOML are found in every way to write them", () => {
  const text = [
    /*  1 */ "# a = 1",
    /*  2 */ 'top = "a = [1"  # not = this',
    /*  3 */ "a.b . 'c d' = 1",
    /*  4 */ 'text = """',
    /*  5 */ "fake = 1",
    /*  6 */ '[fake] \\""" """',
    /*  7 */ "literal = '''",
    /*  8 */ "fake = 2'''",
    /*  9 */ "list = [ # ]",
    /* 10 */ '  "x]",',
    /* 11 */ "  { k = 1, l = { m = [2,",
    /* 12 */ "    3] } },",
    /* 13 */ "]",
    /* 14 */ "when = 1979-05-27 07:32:00 # x",
    /* 15 */ "[t . u]",
    /* 16 */ "k = 1",
    /* 17 */ "[[r]]",
    /* 18 */ "id = 1",
    /* 19 */ "[r.sub]",
    /* 20 */ "k = 1",
    /* 21 */ "[[r]]",
    /* 22 */ "  id = 2",
    /* 23 */ "[r.sub]",
    /* 24 */ "k = 2",
    /* 25 */ "[[r.deep]]",
    /* 26 */ "k = 3",
    /* 27 */ '["quoted \\u0041"]',
    /* 28 */ "k = 4",
  ].join("\r\n");
  const { positions } = scanToml(text);
  const rows: [(string | number)[], number][] = [
    [["top"], 2],
    [["a"], 3],
    [["a", "b", "c d"], 3],
    [["text"], 4],
    [["fake"], 1],
    [["literal"], 7],
    [["list", 0], 10],
    [["list", 1, "k"], 11],
    [["list", 1, "l", "m", 1], 12],
    [["when"], 14],
    [["t", "u"], 15],
    [["t", "u", "k"], 16],
    [["r", 0], 17],
    [["r", 0, "id"], 18],
    [["r", 0, "sub", "k"], 20],
    [["r", 1], 21],
    [["r", 1, "id"], 22],
    [["r", 1, "sub", "k"], 24],
    [["r", 1, "deep", 0, "k"], 26],
    [["quoted A", "k"], 28],
    [["r", 1, "missing", "x"], 21],
  ];
  for (const [path, line] of rows) assertEquals(positions.at(path).line, line, keyText(path));
  assertEquals(positions.at(["r", 1, "id"]).column, 3);
});

Deno.test("property: the scan of TOML ends, whatever the text", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    "=",
    '"',
    "'",
    '"""',
    "\\",
    "\n",
    "#",
    ",",
    "a",
    ".",
    " ",
  );
  fc.assert(fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
    scanToml(pieces.join(""));
  }));
});

Deno.test("property: what JSON accepts is scanned, every key and element has its place", () => {
  fc.assert(fc.property(fc.json({ maxDepth: 5 }), fc.boolean(), (json, pretty) => {
    const value = JSON.parse(json);
    const text = pretty ? JSON.stringify(value, null, 2) : json;
    const positions = new Positions(text);
    for (const { path, start, valueStart, end, isRepeated } of jsonSpans(text)) {
      positions.add(path, start);
      assertEquals(isRepeated, false);
      const own = path.reduce((inner, key) => inner[key], value);
      assertEquals(JSON.parse(text.slice(valueStart, end)), own);
    }
    for (const key of Object.keys(Object(value))) {
      const path = [Array.isArray(value) ? Number(key) : key];
      const { line, column } = positions.at(path);
      const rest = text.split("\n")[line - 1]!.slice(column - 1);
      const expected = Array.isArray(value) ? /^./ : JSON.stringify(key);
      assertEquals(rest.search(expected instanceof RegExp ? expected : /^"/), 0, rest);
    }
  }));
});

Deno.test("property: the scan and JSON.parse agree on what JSON is", () => {
  const piece = fc.constantFrom(
    ...'{}[],:"\\ \n',
    "1",
    "-",
    "0",
    ".5",
    "e3",
    "true",
    "null",
    "a",
    "\\u00e9",
    "\t",
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
    fc.tuple(fc.json({ maxDepth: 2 }), fc.nat(), piece).map(([json, at, extra]) => {
      const cut = at % (json.length + 1);
      return json.slice(0, cut) + extra + json.slice(cut);
    }),
  );
  const accepts = (read: () => unknown) => {
    try {
      read();
      return true;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof JsonError) return false;
      throw error;
    }
  };
  fc.assert(
    fc.property(text, (text) => {
      assertEquals(accepts(() => jsonSpans(text)), accepts(() => JSON.parse(text)), text);
    }),
    { numRuns: 500 },
  );
});

Deno.test("deep nesting is an error and not an overflow", () => {
  assertThrows(() => scanJson("[".repeat(100_000)), JsonError, "deeper than 500 levels");
});

Deno.test("property: cutting a valid plugin file anywhere is never accepted", () => {
  const text = '{"name":"x","runners":[{"id":"a","timeout":1.5,"env":{"A":"\\u0041"}}]}';
  for (let end = 0; end < text.length; end++) {
    const error = assertThrows(() => scanJson(text.slice(0, end)), JsonError);
    assertEquals(error.kind, "truncated");
  }
});

Deno.test("a key that occurs twice is an error, or reported with its second place where spans are asked for", () => {
  const text = '{"a": {"b": 1}, "\\u0061": {"b": 2}}';
  assertThrows(() => scanJson(text), JsonError, 'contains the key "a" twice in one object');
  assertEquals(
    jsonSpans(text).map(({ path, start, isRepeated }) => [keyText(path), start, isRepeated]),
    [["a.b", 7, false], ["a", 1, false], ["a.b", 27, false], ["a", 16, true]],
  );
});
