import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";

/** Each row: arguments, options, what the real `@std/cli/parse-args` answers. */
const rows: [string[], Parameters<typeof parseArgs>[1], Record<string, unknown>][] = [
  [[], {}, { _: [] }],
  [["a", "-", "3"], { string: ["_"] }, { _: ["a", "-", "3"] }],
  [["--json", "x"], { boolean: ["json"] }, { _: ["x"], json: true }],
  [["x"], { boolean: ["json"] }, { _: ["x"], json: false }],
  [["--json=false"], { boolean: ["json"] }, { _: [], json: false }],
  [["--json", "false", "x"], { boolean: ["json"] }, { _: ["x"], json: false }],
  [["--root", "dir"], { string: ["root"] }, { _: [], root: "dir" }],
  [["--root=dir=1"], { string: ["root"] }, { _: [], root: "dir=1" }],
  [["--root=a\nb"], { string: ["root"] }, { _: [], root: "a\nb" }],
  [["--root"], { string: ["root"] }, { _: [], root: "" }],
  [["--root", "--json"], { string: ["root"], boolean: ["json"] }, { _: [], root: "", json: true }],
  [["--jobs", "4"], { string: ["jobs"] }, { _: [], jobs: "4" }],
  [["--skip", "a", "--skip", "b"], { string: ["skip"], collect: ["skip"] }, {
    _: [],
    skip: ["a", "b"],
  }],
  [["--skip", "a", "--skip", "b"], { string: ["skip"] }, { _: [], skip: "b" }],
  [[], { string: ["skip"], collect: ["skip"] }, { _: [], skip: [] }],
  [["--no-color"], { boolean: ["no-color"] }, { _: [], "no-color": true }],
  [["a", "--", "--x", "3"], {}, { _: ["a", "--x", "3"] }],
  [["a", "--", "--x"], { "--": true }, { _: ["a"], "--": ["--x"] }],
  [["a"], { "--": true }, { _: ["a"], "--": [] }],
];

Deno.test("parseArgs answers what @std/cli/parse-args answers", () => {
  for (const [args, options, expected] of rows) {
    assertEquals({ ...parseArgs([...args], options) }, expected, JSON.stringify([args, options]));
  }
});

Deno.test("parseArgs asks about what is not known, and leaves out what is refused", () => {
  const asked: unknown[] = [];
  const parsed = parseArgs(["x", "--known", "--what=1"], {
    boolean: ["known"],
    unknown: (...args) => {
      asked.push(args);
      return false;
    },
  });
  assertEquals(asked, [["x"], ["--what=1", "what", "1"]]);
  assertEquals({ ...parsed }, { _: [], known: true });
});
