import { assert, assertEquals } from "@std/assert";
import { context, eventLines, read, sharedCorpus, tally } from "../../tests/parsing.ts";
import { parse } from "./go_test_json.ts";

type GoEvent = Record<string, unknown>;
const lines = (events: readonly (GoEvent | string)[]) =>
  events.map((event) => typeof event === "string" ? event : JSON.stringify(event)).join("\n") +
  "\n";
const go = (...events: (GoEvent | string)[]) => eventLines(parse, lines(events));

const Package = "example.com/shop/cart";
const run = { Action: "run", Package, Test: "TestA" };
const pass = { Action: "pass", Package, Test: "TestA", Elapsed: 0.25 };
const packagePass = { Action: "pass", Package, Elapsed: 1 };
const packageFail = { Action: "fail", Package, Elapsed: 1 };

Deno.test("a test that did not end before its package is errored", async () => {
  const panic = { Action: "output", Package, Test: "TestA", Output: "panic: boom\n" };
  assertEquals(await go(run, panic, packageFail), [
    `errored ${Package} > TestA: panic: boom`,
    "end",
  ]);
  assertEquals(await go(run, packagePass), [
    `errored ${Package} > TestA: the test did not end`,
    "end",
  ]);
});

Deno.test("up to Go 1.19 text without a line end hides that its test ended", async () => {
  const ended = async (Output: string, last = packagePass) =>
    (await go(run, { Action: "output", Package, Test: "TestA", Output }, last))[0];
  assertEquals(await ended("text--- PASS: TestA (0.25s)\n"), `passed ${Package} > TestA`);
  assertEquals(await ended("text--- SKIP: TestA (0.25s)\n"), `skipped ${Package} > TestA: text`);
  assertEquals(
    await ended("text--- FAIL: TestA (0.25s)\n", packageFail),
    `failed ${Package} > TestA: text`,
  );
  for (
    const text of ["--- PASS: TestB (0.25s)\n", "--- PASS: TestA (0.25s) and more\n", "PASS\n"]
  ) assertEquals((await ended(text))?.split(" ")[0], "errored", text);
});

Deno.test("a package that did not end is truncated, and so is half a line", async () => {
  const cut =
    "broken truncated: the report is cut off: the package example.com/shop/cart did not end";
  assertEquals(await go(run, pass), [`passed ${Package} > TestA`, cut]);
  assertEquals(await go({ Action: "start", Package }), [cut]);
  const half = lines([run, pass, packagePass]).trimEnd().slice(0, -5);
  assertEquals(
    (await eventLines(parse, half)).at(-1),
    "broken truncated: the report is cut off inside an object (line 3)",
  );
});

Deno.test("events that share a line are all read, with text before them", async () => {
  const json = (...events: GoEvent[]) => events.map((event) => JSON.stringify(event));
  const fail = { Action: "fail", Package, Test: "TestB" };
  const [a, b, c, d] = json(run, pass, fail, packageFail) as [string, string, string, string];
  const all = [`passed ${Package} > TestA`, `failed ${Package} > TestB`, "end"];
  for (
    const text of [`${a}${b}${c}${d}`, `${a} ${b}\n${c}${d}`, `x${a}\n{y}${b}${c}\n${d}`]
  ) {
    assertEquals(await eventLines(parse, text), all, text);
  }
  for (const text of [`${a}${b},${c}`, `${a}}`, `{${a}`, `,${a}`, `${a} "Test": "x"}`]) {
    const last = (await eventLines(parse, `${text}\n${d}`)).at(-1)!;
    assertEquals(last.split(":")[0], "broken malformed", text);
  }
  const half = c.slice(0, -9);
  assertEquals(
    (await eventLines(parse, `${a}${b}${half}`)).at(-1)!.split(":")[0],
    "broken truncated",
  );
  assertEquals(
    (await eventLines(parse, `${a}${b}${half}\n${d}`)).at(-1)!.split(":")[0],
    "broken malformed",
  );
  assertEquals(await eventLines(parse, `${a}\nlog {"Action" 1\n${b}${c}${d}\n`), all);
});

Deno.test("an event that was damaged is malformed", async () => {
  const [a, b, c] = [run, pass, packageFail].map((event) => JSON.stringify(event));
  const noAction = JSON.stringify({ Package, Test: "TestA" });
  for (const text of [`${a}}\n${b}`, `${a} done\n${b}`, `${a}, ${b}`, `${a}\n${noAction}\n${b}`]) {
    const last = (await eventLines(parse, `${text}\n${c}\n`)).at(-1)!;
    assertEquals(last.split(":")[0], "broken malformed", text);
  }
  assertEquals(
    (await eventLines(parse, `${a}\n{"of": "others"} done\n${b}\n${c}\n`)).at(-1),
    "end",
  );
});

Deno.test("an action of later versions is let be, one that says failure is an error", async () => {
  const passed = { Action: "pass", Package };
  const kinds = async (Action: string) =>
    (await go(run, pass, { Action, Package }, passed)).slice(1);
  assertEquals(await kinds("attr"), ["end"]);
  assertEquals(await kinds("measured"), ["end"]);
  for (const action of ["crash", "timeout", "error", "panic"]) {
    assertEquals(await kinds(action), [
      `suite_error ${Package}: go test tells of "${action}"`,
      "end",
    ], action);
  }
});

Deno.test("a package that failed without a failed test is an error", async () => {
  const output = { Action: "output", Package, Output: "panic: in TestMain\n\nFAIL\n" };
  assertEquals(await go(run, pass, output, packageFail), [
    `passed ${Package} > TestA`,
    `suite_error ${Package}: the package failed outside of its tests: panic: in TestMain`,
    "end",
  ]);
});

Deno.test("a build that failed is reported with the compiler's words (Go 1.24)", async () => {
  const ImportPath = `${Package} [${Package}.test]`;
  const output = {
    ImportPath,
    Action: "build-output",
    Output: "cart/a_test.go:3:28: undefined: f\n",
  };
  const failed = { ImportPath, Action: "build-fail" };
  const shown = `suite_error ${Package}: does not build: undefined: f @cart/a_test.go:3`;
  assertEquals(await go(output, failed, { ...packageFail, FailedBuild: ImportPath }), [
    shown,
    "end",
  ]);
  assertEquals(
    (await go(output, failed, run, pass, packagePass)).at(-2)!.includes("undefined: f"),
    true,
  );
});

Deno.test("a build that failed is reported in plain text before Go 1.24", async () => {
  assertEquals(
    await go(
      "# example.com/shop/x",
      "x/a.go:1:2: undefined: f",
      "FAIL\texample.com/shop/x [build failed]",
    ),
    [
      "suite_error example.com/shop/x: does not build: undefined: f @x/a.go:1",
      "end",
    ],
  );
});

Deno.test("other lines are passed over, events that are broken are not", async () => {
  assertEquals(
    await go("go: downloading x v1", "{not json", '{"level":"info"}', run, pass, packagePass),
    [
      `passed ${Package} > TestA`,
      "end",
    ],
  );
  assertEquals(
    (await go(run, '{"Time":"x","Action":"fail","Pack', pass, packagePass)).at(-1),
    "broken malformed: the report has a line that is no JSON object (line 2)",
  );
  assertEquals(
    (await go({ ...run, Package: 3 })).at(-1)!.includes("Package must be a string"),
    true,
  );
  assertEquals((await go({ Action: 3 })).at(-1)!.includes("Action must be a string"), true);
  // Behind a prefix as well, whatever its keys begin with.
  assertEquals(
    (await go(run, pass, packagePass, `pkg-b: {"Elapsed":0,"Action":"fail","Package":"b"}`)).at(-1),
    "broken malformed: the report contains what may be an event among other text (line 4)",
  );
  assertEquals(await go("hello"), [
    "broken malformed: the report contains no event of go test -json",
  ]);
  assertEquals(await eventLines(parse, " \n"), ["broken truncated: the report is empty"]);
});

Deno.test("packages without tests, unknown actions and cached results", async () => {
  assertEquals(await go({ Action: "skip", Package, Elapsed: 0 }), ["end"]);
  assertEquals(await go(run, { ...run, Action: "attr" }, pass, packagePass), [
    `passed ${Package} > TestA`,
    "end",
  ]);
  const cached = { Action: "output", Package, Output: "ok  \tx\t(cached)\n" };
  assertEquals((await go(run, pass, cached, packagePass)).at(-1), "end");
});

Deno.test("files are found in the package's folder", async () => {
  const output = { Action: "output", Package, Test: "TestA", Output: "    a_test.go:7: want 3\n" };
  const failed = { ...pass, Action: "fail" };
  const fileOf = async (path: string, cwd = "/project") => {
    const events = [output, failed, packageFail].map((event) => ({ ...event, Package: path }));
    const [event] = await read(parse, lines(events), { ...context, cwd });
    return event?.kind === "test" && event.file;
  };
  assertEquals(await fileOf("example.com/shop/cart"), "cart/a_test.go");
  assertEquals(await fileOf("github.com/me/shop/cart/deep"), "cart/deep/a_test.go");
  assertEquals(await fileOf("github.com/me/shop"), "a_test.go");
  assertEquals(await fileOf("shop/cart"), "cart/a_test.go");
  assertEquals(await fileOf("github.com/me/shop/v2/cart"), "cart/a_test.go");
  assertEquals(await fileOf("github.com/me/shop/api/cart", "/project/api"), "api/cart/a_test.go");
  assertEquals(await fileOf("_/project/x"), "x/a_test.go");
});

Deno.test({
  name: `the streams of the corpus are read (${sharedCorpus ? "read" : "ASSAY_CORPUS is not set"})`,
  ignore: !sharedCorpus,
  async fn() {
    const whole = await Deno.readTextFile(`${sharedCorpus}/go-test-json/golang-json.json`);
    const ended = (action: string) =>
      whole.split("\n").filter((line) =>
        line.includes(`"Action":"${action}"`) && line.includes('"Test":')
      ).length;
    assertEquals(
      tally(await read(parse, whole)),
      `failed ${ended("fail")}, passed ${ended("pass")}, skipped ${ended("skip")}, end`,
    );
    const failures = await Deno.readFile(`${sharedCorpus}/text/gotest_failures.json`);
    assertEquals(tally(await read(parse, failures)), "failed 2, passed 2, end");
    assert(ended("pass") > 0);
  },
});

Deno.test("an action that later versions have is passed over, unless it says that something broke", async () => {
  assertEquals(await go(run, { Action: "attr", Package }, pass, packagePass), [
    `passed ${Package} > TestA`,
    "end",
  ]);
  assertEquals(await go(run, { Action: "crash", Package }, pass, packagePass), [
    `suite_error ${Package}: go test tells of "crash"`,
    `passed ${Package} > TestA`,
    "end",
  ]);
});

Deno.test("a package that ends before its tests are run is an error; one without tests is not", async () => {
  const output = (text: string) => ({ Action: "output", Package, Output: text });
  const ended = output(`ok  \t${Package}\t0.010s\n`);
  assertEquals(await go(ended, packagePass), [
    `suite_error ${Package}: the process ended before its tests were run: look for os.Exit in TestMain or init`,
    "end",
  ]);
  for (
    const idle of [
      [output("testing: warning: no tests to run\n"), output("PASS\n"), ended],
      [output(`ok  \t${Package}\t(cached) [no tests to run]\n`)],
      [output(`?   \t${Package}\t[no test files]\n`)],
      [output(`\t${Package}\t\tcoverage: 0.0% of statements\n`)],
    ]
  ) assertEquals(await go(...idle, packagePass), ["end"]);
  assertEquals(await go(run, pass, ended, packagePass), [`passed ${Package} > TestA`, "end"]);
});

Deno.test("text of a go test without -json that failed is an error", async () => {
  const failed = ["--- FAIL: TestB (0.00s)", "FAIL", "FAIL\texample.com/p\t0.003s"];
  assertEquals(await go(...failed, run, pass, packagePass), [
    ...failed.map((line) => `suite_error: ${line}`),
    `passed ${Package} > TestA`,
    "end",
  ]);
  assertEquals(await go("ok  \texample.com/p\t0.003s", "FAILSAFE", run, pass, packagePass), [
    `passed ${Package} > TestA`,
    "end",
  ]);
});
