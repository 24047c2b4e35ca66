import { assertEquals, assertRejects } from "@std/assert";
import type { ConfigTable } from "../../src/plugin.ts";
import { aSpec, services } from "./_testing.ts";
import { prepare, validate } from "./env.ts";

async function envBy(table: ConfigTable, lent = services()): Promise<Record<string, string>> {
  return (await prepare(aSpec({ env: table }), lent)).env;
}

const bare = aSpec({}).env;

Deno.test("env: variables are set, of the table and of set, and the rest is inherited", async () => {
  assertEquals(await envBy({ A: "1", TERM: "dumb", set: { A: "2", unset: "own" } }), {
    ...bare,
    A: "2",
    TERM: "dumb",
    unset: "own",
  });
});

Deno.test("env: allow leaves only what it names, PATH, HOME and COLUMNS; what is set stays", async () => {
  assertEquals(await envBy({ allow: [] }), { PATH: "/bin", HOME: "/home/ada", COLUMNS: "200" });
  assertEquals(await envBy({ allow: ["LC_*", "*ER*"], TERMS: "1" }), {
    PATH: "/bin",
    HOME: "/home/ada",
    COLUMNS: "200",
    LC_ALL: "C",
    LC_TIME: "C",
    TERM: "x",
    TERMS: "1",
  });
});

Deno.test("env: a pattern is no regular expression", async () => {
  assertEquals((await envBy({ "A.B": "1", AxB: "2", unset: ["A.B"] })).AxB, "2");
});

Deno.test("env: unset takes away whatever set it", async () => {
  const { LC_ALL: _, LC_TIME: __, HOME: ___, ...rest } = bare;
  assertEquals(
    await envBy({ A: "1", B: "2", set: { AA: "3" }, unset: ["A*", "LC_*", "HOME", "ABSENT"] }),
    { ...rest, B: "2" },
  );
});

Deno.test("env: files are read in their order, after allow and before variables", async () => {
  const lent = services({
    files: { ".env": "A=1\nB=$TERM\nC=1", "sub/b.env": "A=${A}2\nHOME=/h" },
  });
  assertEquals(
    await envBy({ allow: [], files: [".env", "sub/b.env", "no.env?"], C: "table" }, lent),
    { PATH: "/bin", COLUMNS: "200", HOME: "/h", A: "12", B: "", C: "table" },
  );
  assertEquals(lent.said, [".env:2: $TERM is not set, so it is empty"]);
});

Deno.test("env: a missing file or an invalid line stops it and is named", async () => {
  const missing = await assertRejects(() => envBy({ files: ["no.env"] }), Error);
  assertEquals(
    missing.message,
    'there is no file no.env in the project; write "no.env?" if it may be missing',
  );
  const lent = services({ files: { ".env": "A=1\noops" } });
  const broken = await assertRejects(() => envBy({ files: [".env?"] }, lent), Error);
  assertEquals(broken.message, ".env:2: expected NAME=VALUE");
});

Deno.test("env: a virtualenv is activated as its script would, last", async () => {
  const lent = services();
  const table = { virtualenv: ".venv", PYTHONHOME: "/old", PATH: "/own", unset: ["VIRTUAL_ENV"] };
  const { PATH: _, ...rest } = bare;
  assertEquals(await envBy(table, lent), {
    ...rest,
    PATH: "/project/.venv/bin:/own",
    VIRTUAL_ENV: "/project/.venv",
  });
  assertEquals((await envBy({ virtualenv: "/opt/v" })).VIRTUAL_ENV, "/opt/v");
  assertEquals((await envBy({ virtualenv: "~/v" })).VIRTUAL_ENV, "/home/ada/v");
  assertEquals((await envBy({ virtualenv: "../v" })).VIRTUAL_ENV, "/v");
  assertEquals((await envBy({ virtualenv: "v", unset: ["PATH"] })).PATH, "/project/v/bin");
});

Deno.test("env: a virtualenv without bin/python ends it", async () => {
  const lent = services({ run: () => ({ exitCode: 1 }) });
  const error = await assertRejects(() => envBy({ virtualenv: ".venv" }, lent), Error);
  assertEquals(
    error.message,
    "virtualenv .venv: there is no program bin/python in /project/.venv",
  );
});

Deno.test("env: a table that was not checked before is checked", async () => {
  const error = await assertRejects(() => envBy({ PORT: 1, unset: "A" }), Error);
  assertEquals(
    error.message,
    'PORT must be a string: write "1"; unset must be a list of strings',
  );
});

Deno.test("env: variables of assay's own are refused where they are named", () => {
  assertEquals(
    validate({ ASSAY: "2", set: { ASSAY_RUN_ID: "x" }, unset: ["A*", "ASSAY_ATTEMPT_ID"] }),
    [
      "ASSAY is set by assay itself",
      "set.ASSAY_RUN_ID is set by assay itself",
      "unset[1]: ASSAY_ATTEMPT_ID is set by assay itself",
    ],
  );
  assertEquals(validate({ ASSAY_TOKEN: "mine", unset: ["ASSAY*"] }), []);
});

Deno.test("env: variables of assay's own in files are passed over and reported", async () => {
  const lent = services({ files: { ".env": "ASSAY_RUN_ID=x\nA=1\nASSAY_X=$A" } });
  assertEquals(await envBy({ files: [".env"] }, lent), { ...bare, A: "1", ASSAY_X: "1" });
  assertEquals(lent.said, [".env: ASSAY_RUN_ID is passed over: it is set by assay itself"]);
});

Deno.test("env: validate finds everything at once, each sentence with its key", () => {
  assertEquals(validate({ A: "", set: { B: "x" }, unset: [], allow: ["*"], files: [".env?"] }), []);
  assertEquals(
    validate({
      PORT: 8080,
      ON: true,
      LIST: [],
      NUL: "\0",
      "A B": "1",
      set: { X: 1, "=": "" },
      unset: ["A", "", "B=C"],
      allow: { A: true },
      files: ["/etc/env", "../.env", "a/../../b?", 7],
      virtualenv: " ",
    }),
    [
      'PORT must be a string: write "8080"',
      'ON must be a string: write "true"',
      "LIST must be a string",
      "NUL must be a string",
      "A B is not a variable name",
      'set.X must be a string: write "1"',
      "set.= is not a variable name",
      "unset[1] must be a non-empty string",
      "allow must be a list of strings",
      'files[0] must be relative to the project\'s root: "/etc/env"',
      'files[1] must stay inside the project: "../.env"',
      'files[2] must stay inside the project: "a/../../b"',
      "files[3] must be a non-empty string",
      "virtualenv must be a non-empty string",
    ],
  );
  assertEquals(validate({ unset: ["B=C"], set: [], files: "x" }), [
    "set must be a table of variables",
    'unset[0] is not a variable name: "B=C"',
    "files must be a list of strings",
  ]);
});
