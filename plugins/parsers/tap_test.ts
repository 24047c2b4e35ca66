import { assert, assertEquals } from "@std/assert";
import { eventLines, read } from "../../tests/parsing.ts";
import { parse } from "./tap.ts";

const tap = (...lines: string[]) => eventLines(parse, `${lines.join("\n")}\n`);

Deno.test("the plan may stand first or last; numbers and names may be missing", async () => {
  const points = ["ok - a", "not ok 2 b", "ok"];
  const expected = ["passed a", "failed b", "passed test 3", "end"];
  assertEquals(await tap("TAP version 13", "1..3", ...points), expected);
  assertEquals(await tap(...points, "1..3", "# tests 3"), expected);
});

Deno.test("a stream without its plan, or without tests that it plans, is truncated", async () => {
  assertEquals(
    (await tap("ok 1 - a")).at(-1),
    "broken truncated: the report is cut off: it ends before its plan (1..N)",
  );
  assertEquals(
    (await tap("1..3", "ok 1", "ok 2")).at(-1),
    "broken truncated: the report is cut off: it ends after 2 of the 3 tests it plans",
  );
  assertEquals(
    (await eventLines(parse, "1..1\nok 1")).at(-1),
    "broken truncated: the report is cut off: line 2 has no line end",
  );
  assertEquals(
    (await tap("1..1", "not ok 1", "  ---", "  message: x")).at(-1)!.includes(
      "inside the diagnostics",
    ),
    true,
  );
  assertEquals(await eventLines(parse, ""), ["broken truncated: the report is empty"]);
});

Deno.test("a stream that contradicts itself does not pass", async () => {
  assertEquals(
    (await tap("1..1", "ok 1", "ok 2")).at(-1),
    "broken malformed: the report contradicts itself: it contains 2 tests, and the plan is 1..1",
  );
  assertEquals((await tap("1..1", "ok 1", "1..1")).at(-1)!.startsWith("broken malformed"), true);
  assertEquals(
    await tap("1..2", "ok 1", "ok 1"),
    [
      "passed test 1",
      "suite_error: test number 1 found where 2 was expected (line 3)",
      "passed test 1",
      "end",
    ],
  );
  assertEquals(
    (await tap("ok 1", "1..1", "# fail 2"))[1],
    'suite_error: the report claims "fail 2" and shows no test that failed (line 3)',
  );
  assertEquals(await tap("ok 1", "1..1", "# fail 0"), ["passed test 1", "end"]);
});

Deno.test("node:test numbers the files that it shows among themselves", async () => {
  const file = ["# Subtest: b.mjs", "ok 2 - b.mjs"];
  assertEquals(await tap("ok 1 - a", "ok 2 - c", ...file, "1..3"), [
    "passed a",
    "passed c",
    "passed (file) b.mjs @b.mjs",
    "end",
  ]);
});

Deno.test("a point ends its word as any word ends", async () => {
  assertEquals(await tap("ok 1 - a", "not ok: b", "1..2"), ["passed a", "failed : b", "end"]);
  assertEquals(await tap("ok 1 - a", "not okay", "1..1"), ["passed a", "end"]);
});

Deno.test("text that is not TAP is no report", async () => {
  assertEquals(await tap("hello", "okay then"), ["broken malformed: the report contains no TAP"]);
});

Deno.test("directives: a TODO never passes and never fails, a SKIP that is not ok fails", async () => {
  assertEquals(
    await tap(
      "1..6",
      "ok 1 a # SKIP no db",
      "not ok 2 b # todo",
      "ok 3 c # TODO",
      "not ok 4 d # skip",
      "ok 5 e \\# SKIP not a directive",
      "ok 6 f # skipped",
    ),
    [
      "skipped a: no db",
      "skipped b",
      "skipped c",
      "failed d",
      "passed e # SKIP not a directive",
      "skipped f",
      "end",
    ],
  );
});

Deno.test("a directive has white space before it and ends with its word", async () => {
  const points = [
    "not ok 1 - page #todos is shown",
    "not ok 2 - page # todos are shown",
    "not ok 3 - page#todo # 3",
    "not ok 4 - #todo of the page is shown",
    "not ok 5 - issue# TODO",
    "ok 6 - skipping # skippers",
    "not ok 7 - a # TODO: later",
    "not ok 8 - b\t# ToDo",
    "not ok 9 # todo",
    "ok 10 - c #skip",
    "ok 11 - issue #12 # SKIP-later",
  ];
  const counts = Object.groupBy(await tap("1..11", ...points), (line) => line.split(" ")[0]!);
  assertEquals(counts.failed?.map((line) => line.split(" ")[1]), [
    "page",
    "page",
    "page#todo",
    "#todo",
    "issue#",
  ]);
  assertEquals(counts.passed, ["passed skipping # skippers"]);
  assertEquals(counts.skipped, [
    "skipped a: later",
    "skipped b",
    "skipped test 9",
    "skipped c",
    "skipped issue #12: -later",
  ]);
});

Deno.test("a plan of nothing has no tests", async () => {
  assertEquals(await tap("1..0 # SKIP no database"), ["end"]);
});

Deno.test("Bail out ends the run with an error, and no plan is missed", async () => {
  assertEquals(await tap("1..5", "ok 1 - a", "Bail out! disk full"), [
    "passed a",
    "suite_error: Bail out! disk full",
    "end",
  ]);
  assertEquals(await tap("1..2", "    ok 1 - k", "    Bail out! x", "Bail out! x"), [
    "passed k",
    "suite_error: Bail out! x",
    "end",
  ]);
});

Deno.test("YAML diagnostics become message, place, frames and details", async () => {
  const [event] = await read(
    parse,
    [
      "1..1",
      "not ok 1 - sums",
      "  ---",
      "  message: 'it''s 2'",
      "  at:",
      "    file: cart.js",
      "    line: 7",
      "    column: 3",
      "  stack: |-",
      "    total (/project/src/cart.js:7:3)",
      "    run (/project/t.js:9:1)",
      "  ...",
      "",
    ].join("\n"),
  );
  assert(event?.kind === "test");
  assertEquals([event.message, event.file, event.line, event.column], ["it's 2", "cart.js", 7, 3]);
  assertEquals(event.frames?.map(({ file, line }) => `${file}:${line}`), [
    "src/cart.js:7",
    "t.js:9",
  ]);
  assert(event.details?.includes("stack: |-"));
});

Deno.test("text below a failed point is its details", async () => {
  const [event] = await read(
    parse,
    "1..1\nnot ok 1 sums\n  Error: expected 3\n      at f (/project/a.js:1:2)\n",
  );
  assert(event?.kind === "test" && event.details?.includes("expected 3"));
});

Deno.test("subtests are counted, the point that sums them up is not", async () => {
  const nested = [
    "# Subtest: cart",
    "    ok 1 - adds",
    "    not ok 2 - sums",
    "    1..2",
    "not ok 1 - cart",
    "1..1",
  ];
  assertEquals(await tap(...nested), ["passed cart > adds", "failed cart > sums", "end"]);
});

Deno.test("the first line of a subtest may stand in another subtest", async () => {
  const deep = (...lines: string[]) =>
    tap(...lines, "    ok 1 - inner", "    1..1", "ok 1 - s", "1..1");
  const inner = ["# Subtest: s", "    # Subtest: inner", "        # Subtest: deep"];
  assertEquals(await deep(...inner, "        ok 1 - deep", "        1..1"), [
    "passed s > inner > deep",
    "end",
  ]);
  assertEquals((await deep(...inner, "        1..1"))[0]!.split(":")[0], "suite_error");
  assertEquals(await tap("ok 1 - a # SKIP", "        1..1", "ok 2", "1..2"), [
    "skipped a",
    'suite_error: the subtest "" plans 1 tests and contains 0 (line 3)',
    "end",
  ]);
});

Deno.test("what failed at an indentation of no subtest has failed, other text there is text", async () => {
  assertEquals(await tap("ok 1 - a", "  not ok", "1..1"), [
    'suite_error: "not ok" belongs to no subtest by its indentation (line 2)',
    "passed a",
    "end",
  ]);
  assertEquals((await tap("ok 1 - a", "  --- x", "    not ok 1 - b", "1..1"))[1], "failed b");
  for (const text of ["  ok", "  not ok 2 # TODO", "  1..2", "  not okay"]) {
    assertEquals(await tap("ok 1 - a", text, "1..1"), ["passed a", "end"], text);
  }
});

Deno.test("a point that failed though its subtests did not is reported", async () => {
  assertEquals(await tap("    ok 1 - a", "    1..1", "not ok 1 - hook", "1..1"), [
    "passed a",
    "failed hook",
    "end",
  ]);
});

Deno.test("subtests of a TODO do not fail; without subtests nothing has passed", async () => {
  assertEquals(await tap("    not ok 1 - a", "    1..1", "not ok 1 - s # TODO", "1..1"), [
    "skipped a",
    "end",
  ]);
  assertEquals(await tap("    1..0", "ok 1 - s", "1..1"), ["skipped s", "end"]);
  assertEquals(await tap("ok 1 - s", "  ---", "  type: 'suite'", "  ...", "1..1"), ["end"]);
});

Deno.test("subtests in braces, deeper ones too", async () => {
  assertEquals(
    await tap(
      "1..1",
      "ok 1 - out {",
      "    1..1",
      "    ok 1 - in {",
      "        1..1",
      "        ok 1 - leaf",
      "    }",
      "}",
    ),
    ["passed out > in > leaf", "end"],
  );
});

Deno.test("a name may end with a brace: no test is lost by it", async () => {
  assertEquals(await tap("1..3", "not ok 1 - parses {", "ok 2 - and {", "ok 3 - b"), [
    "failed parses {",
    "passed and {",
    "passed b",
    "end",
  ]);
  assertEquals(
    await tap(
      "ok 1 - a {",
      "# Subtest: s",
      "    not ok 1 - b {",
      "    1..1",
      "not ok 2 - s",
      "1..2",
    ),
    [
      "passed a {",
      "failed s > b {",
      "end",
    ],
  );
  assertEquals(await tap("ok 1 - a {", "    not ok 1 - b", "    1..1", "ok 2 - c", "1..2"), [
    "passed a {",
    "failed a > b",
    "end",
  ]);
});

Deno.test("what was read before a stream breaks is reported", async () => {
  assertEquals(await tap("1..2", "    not ok 1 - a", "    1..1", "not ok 1 - s", "1..1"), [
    "failed a",
    "broken malformed: the report contradicts itself: a second plan 1..1 (line 5)",
  ]);
});

Deno.test("incomplete subtests do not pass", async () => {
  assertEquals(
    (await tap("# Subtest: s", "    1..2", "    ok 1 - a", "ok 1 - s", "1..1"))[1],
    'suite_error: the subtest "s" plans 2 tests and contains 1 (line 4)',
  );
  const orphan = await tap("ok 1 - a", "# Subtest: s", "    not ok 1 - b", "    1..1", "1..1");
  assertEquals(orphan, [
    "passed a",
    "failed s > b",
    'suite_error: no test point sums up the subtest "s" (line 5)',
    "end",
  ]);
});

Deno.test("several complete streams may follow each other", async () => {
  const stream = ["TAP version 13", "ok 1 - a", "1..1"];
  assertEquals(await tap(...stream, ...stream), ["passed a", "passed a", "end"]);
  assertEquals(
    (await tap("TAP version 13", "1..2", "ok 1", ...stream)).at(-1)!.startsWith("broken truncated"),
    true,
  );
});

/** What prevents a pass. */
const bad = (lines: readonly string[]) =>
  lines.filter((line) => /^(?:failed|suite_error|broken)/.test(line));

Deno.test("a line that a person reads as a failed point is never passed over", async () => {
  const failing = [
    "not\tok 2",
    "not  ok 2 - b",
    "not ok2",
    "NOT OK 2",
    "Not-ok 2 b",
    "\x1b[31mnot ok\x1b[0m 2 - b",
    "ok 2 a\rnot ok 2 b",
    "  not ok 2",
    "\tnot ok 2",
    "[12:00:01] not ok",
    "pkg-b: not ok 2 - b",
    "> NOT OK",
    "  Bail out!",
    "\x1b[31mBail out!\x1b[0m no database",
  ];
  for (const line of failing) {
    assert(bad(await tap("ok 1 - a", line, "1..1")).length > 0, line);
    assert(bad(await tap("ok 1 - a", line, "1..2")).length > 0, line);
  }
  const quiet = ["not okay", "is it ok or not ok", "# not ok to skip", "done, not ok"];
  for (const line of quiet) assertEquals(bad(await tap("ok 1 - a", line, "1..1")), [], line);
  assertEquals(await tap("1..2", "\x1b[32mok\x1b[0m 1 - a", "50%\rok 2 - b"), [
    "passed a",
    "passed b",
    "end",
  ]);
});

Deno.test("what comments sum up, before the plan or after it, agrees with the points", async () => {
  const shown = ["ok 1 - a", "    ok 1 - c", "    ok 2 - d # SKIP", "    1..2", "ok 2 - b"];
  const wrong = [
    "# fail 1",
    "# failed 1 of 2 tests",
    "# cancelled 2",
    "# Looks like you failed 1 test of 2.",
    "# Looks like your test exited with 255 just after 2.",
    "# tests 5",
    "# tests 1",
    "# pass  5",
  ];
  for (const claim of wrong) {
    assertEquals(bad(await tap(...shown, claim, "1..2")).length, 1, claim);
    assertEquals(bad(await tap(...shown, "1..2", claim)).length, 1, claim);
  }
  const right = ["# tests 3", "# tests 4", "# pass 2", "# fail 0", "# failed logins are counted"];
  for (const claim of right) assertEquals(bad(await tap(...shown, claim, "1..2")), [], claim);
  // AVA counts a TODO as a failure.
  const todo = ["ok 1 - a", "not ok 2 - b # TODO", "1..2", "# tests 2", "# pass 1"];
  assertEquals(bad(await tap(...todo, "# fail 1")), []);
  assertEquals(bad(await tap(...todo, "# fail 2")).length, 1);
  // A failure that is shown needs no second telling.
  assertEquals(bad(await tap("not ok 1 - a", "# fail 1", "# tests 2", "1..1")), ["failed a"]);
});

Deno.test("only what producers write waives a point that failed", async () => {
  const points = [
    "not ok 1 - page # todo list is shown",
    "not ok 2 - page # Todo: list is shown",
    "not ok 3 - page # TODO-list is shown",
    "not ok 4 - page # TODO list is not there yet",
    "not ok 5 - page # todo",
    "ok 6 - page # todo list is shown",
  ];
  assertEquals(await tap("1..6", ...points), [
    "failed page # todo list is shown",
    "failed page # Todo: list is shown",
    "failed page # TODO-list is shown",
    "skipped page: list is not there yet",
    "skipped page",
    "skipped page: list is shown",
    "end",
  ]);
});

Deno.test("what prove says of a script that failed otherwise is a failure", async () => {
  for (
    const line of [
      "Result: FAIL",
      "Dubious, test returned 2 (wstat 512, 0x200)",
      "Failed 1/2 subtests ",
    ]
  ) {
    assert(
      (await tap("1..1", "ok 1 - fine", line)).some((event) => !/^(?:passed|end)/.test(event)),
      line,
    );
  }
  assertEquals(await tap("1..1", "ok 1 - fine", "t/a.t .. ok", "Result: PASS"), [
    "passed fine",
    "end",
  ]);
});
