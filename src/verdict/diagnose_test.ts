import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anAttempt, anEvent, testCounts } from "../../tests/records.ts";
import type { Attempt, Diagnosis, Event, ReasonCode, Run } from "../model.ts";
import { diagnose } from "./diagnose.ts";

interface World {
  readonly events?: readonly Event[];
  readonly sources?: Readonly<Record<string, string>>;
  readonly output?: string;
  readonly untested?: Run["untested"] & object;
}

function run(
  attempts: readonly Attempt[],
  { events = [], sources = {}, output = "", untested = [] }: World = {},
) {
  return diagnose({
    run: { attempts, untested },
    eventsOf: () => events,
    readSource: (path) => Promise.resolve(sources[path]),
    readOutput: () => Promise.resolve({ text: output }),
  });
}

async function one(attempt: Attempt, world?: World): Promise<Diagnosis> {
  const diagnoses = await run([attempt], world);
  assertEquals(diagnoses.length, 1, JSON.stringify(diagnoses.map(({ title }) => title)));
  return diagnoses[0]!;
}

/** An attempt that did not pass, with reasons of these codes. */
function bad(
  verdict: "fail" | "unknown",
  codes: readonly ReasonCode[],
  part: Partial<Attempt> = {},
) {
  const reasons = codes.map((code) => ({ code, message: `because of ${code}` }));
  return anAttempt({ name: "unit", ref: "unit:7", verdict, reasons, exit_code: 1, ...part });
}

const testsFailed = bad("fail", ["tests_failed"], { tests: testCounts({ passed: 1, failed: 1 }) });
const lintFailed = bad("fail", ["diagnostics_found"], {
  kind: "lint",
  diagnostics: 3,
  severities: { error: 2, warning: 1, info: 0 },
});

const source = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`).join("\n") + "\n";

Deno.test("a run that passed has no diagnoses", async () => {
  const lenient = anAttempt({ diagnostics: 1, severities: { error: 0, warning: 1, info: 0 } });
  const warning = anEvent({ type: "diagnostic", status: "warning" });
  assertEquals(await run([anAttempt(), lenient], { events: [warning] }), []);
});

const untestedCases: readonly (readonly [said: string, path: string, isNamed: boolean])[] = [
  ["Cannot find module '/p/helper.js' imported from /p/a.js", "helper.js", true],
  ["Cannot find module './helper'", "lib/helper.js", true],
  ["No module named 'helper'", "helper.py", true],
  ["cannot load such file -- helper", "lib/helper.rb", true],
  ["file not found for module `helper`", "src/helper.rs", true],
  ["the helper failed", "helper.js", false],
  ["Cannot find module './helper-two'", "helper.js", false],
  ["Cannot find module './my-helper.js'", "helper.js", false],
  ["Cannot find module './other'", "helper.js", false],
];

for (const [said, path, isNamed] of untestedCases) {
  Deno.test(`an untested ${path} ${isNamed ? "explains" : "does not explain"}: ${said}`, async () => {
    const attempt = bad("fail", ["exit_nonzero"]);
    const [diagnosis] = await run([attempt], {
      output: said,
      untested: [{ path, state: "untracked" }],
    });
    const task = `${path} is untracked, so it was not tested: git add ${path}?`;
    assertEquals(diagnosis!.task === task, isNamed, diagnosis!.task);
  });
}

Deno.test("the advice to stage a file can be pasted, whatever its name", async () => {
  const names = [
    ["-n.js", "git add -- -n.js"],
    ["d\\line.js", "git add ':(literal)d\\line.js'"],
    ["[a] b.js", "git add ':(literal)[a] b.js'"],
    ["a b.js", "git add 'a b.js'"],
  ] as const;
  for (const [path, command] of names) {
    const [diagnosis] = await run([bad("fail", ["exit_nonzero"])], {
      output: `Cannot find module '${path}'`,
      untested: [{ path, state: "untracked" }],
    });
    assertEquals(diagnosis!.task, `${path} is untracked, so it was not tested: ${command}?`);
  }
});

Deno.test("a failed test: place, message, excerpt, task, reference", async () => {
  const event = anEvent({
    index: 3,
    name: "subtracts",
    message: "expected 1,\n got 2",
    file: "unit.py",
    line: 7,
    column: 2,
  });
  assertEquals(await one(testsFailed, { events: [event], sources: { "unit.py": source } }), {
    category: "test",
    severity: "critical",
    title: "subtracts: expected 1,",
    task: 'Make the test "subtracts" pass: it fails at unit.py:7.',
    file: "unit.py",
    line: 7,
    column: 2,
    frames: [],
    excerpt: [
      "   4 | line 4",
      "   5 | line 5",
      "   6 | line 6",
      ">  7 | line 7",
      "   8 | line 8",
      "   9 | line 9",
      "  10 | line 10",
    ].join("\n"),
    count: 1,
    refs: ["unit:7:3"],
    cluster: "cluster@",
  });
});

Deno.test("the innermost frame of the project is the place", async () => {
  const frames = [
    { file: "node_modules/chai/lib.js", line: 1 },
    { file: "/usr/lib/node/assert.js", line: 2 },
    { file: "node:internal/x", line: 3 },
    { file: "../other/x.js", line: 4 },
    { file: "src/add.js", line: 5, column: 6 },
    { file: "test/add.js", line: 7 },
  ];
  const found = await one(testsFailed, {
    events: [anEvent({ file: "test/add.js", line: 1, frames })],
  });
  assertEquals([found.file, found.line, found.column], ["src/add.js", 5, 6]);
  assertEquals(found.frames, frames);
  assertEquals(found.task.startsWith("Fix src/add.js:5 so that the test "), true, found.task);
});

Deno.test("tests of one cause are one diagnosis with all references", async () => {
  const frames = [{ file: "src/db.ts", line: 4 }];
  const events = Array.from(
    { length: 30 },
    (_, index) => anEvent({ index: index + 1, name: `test ${index}`, message: "no db", frames }),
  );
  const found = await one(testsFailed, { events });
  assertEquals([found.count, found.refs.length, found.refs[0]], [30, 20, "unit:7:1"]);
  assertEquals(found.title, "30 tests: no db");
  assertEquals(found.task, "Make these 30 tests pass: they fail at src/db.ts:4.");
});

Deno.test("another place or another message is another cause", async () => {
  const at = (line: number, cluster: string) =>
    anEvent({ cluster, frames: [{ file: "src/db.ts", line }] });
  const events = [at(4, "a"), at(5, "a"), at(4, "b"), at(4, "a")];
  const found = await run([testsFailed], { events });
  assertEquals(found.map(({ count }) => count).toSorted(), [1, 1, 2]);
  assertEquals(new Set(found.map(({ cluster }) => cluster)).size, 3);
});

Deno.test("tests that passed are no diagnoses", async () => {
  const events = [
    anEvent({ status: "passed" }),
    anEvent({ index: 2, status: "skipped", cluster: "other" }),
    anEvent({ index: 3, name: "adds" }),
  ];
  assertEquals((await one(testsFailed, { events })).refs, ["unit:7:3"]);
});

Deno.test("errors outside tests and errored tests block, and come first", async () => {
  const events = [
    anEvent({ index: 1, name: "adds", cluster: "a" }),
    anEvent({ index: 2, name: "loads", status: "errored", cluster: "b" }),
    anEvent({ index: 3, type: "suite_error", status: "error", message: "no x", cluster: "c" }),
  ];
  const found = await run([bad("fail", ["collection_error", "tests_failed"])], { events });
  assertEquals(found.map(({ severity }) => severity), ["blocker", "blocker", "critical"]);
  assertEquals(found.map(({ title }) => title), [
    "loads: errored",
    "no x",
    "adds: failed",
  ]);
});

Deno.test("a linter's errors are critical, what did not fail it is a warning", async () => {
  const events = [
    anEvent({ type: "diagnostic", status: "warning", rule: "style", cluster: "w", file: "a.ts" }),
    ...[9, 3].map((line, index) =>
      anEvent({
        index: index + 2,
        type: "diagnostic",
        status: "error",
        rule: "no-any",
        message: "any is forbidden",
        file: "a.ts",
        line,
      })
    ),
  ];
  const found = await run([lintFailed], { events });
  assertEquals(found.map(({ severity, category }) => [severity, category]), [
    ["critical", "lint"],
    ["warning", "lint"],
  ]);
  assertEquals(found[0]!.title, "no-any: any is forbidden (2 times)");
  assertEquals(found[0]!.task, "Fix what no-any reports in a.ts, lines 9 and 3.");
});

Deno.test("warnings are critical when they failed the command", async () => {
  const attempt = { ...lintFailed, severities: { error: 0, warning: 3, info: 0 } };
  const events = [anEvent({ type: "diagnostic", status: "warning" })];
  assertEquals((await one(attempt, { events })).severity, "critical");
});

Deno.test("one rule in several files is several diagnoses", async () => {
  const events = ["a.ts", "b.ts"].map((file, index) =>
    anEvent({ index: index + 1, type: "diagnostic", status: "error", file, line: 1 })
  );
  assertEquals((await run([lintFailed], { events })).length, 2);
});

Deno.test("errors in the output of an unknown tool explain its exit code, and stand alone", async () => {
  const attempt = bad("fail", ["exit_nonzero", "report_missing"], { kind: "build" });
  const events = [
    anEvent({ type: "diagnostic", status: "error", message: "no x", file: "main.c", line: 4 }),
    anEvent({ index: 2, type: "diagnostic", status: "warning", cluster: "w" }),
  ];
  const found = await one(attempt, { events, sources: { "main.c": source } });
  assertEquals([found.category, found.severity, found.file, found.line], [
    "build",
    "critical",
    "main.c",
    4,
  ]);
  assertStringIncludes(found.excerpt!, "> 4 | line 4");
});

Deno.test("warnings below fail_on do not hide that the command failed", async () => {
  const attempt = bad("fail", ["exit_nonzero"], {
    kind: "lint",
    diagnostics: 1,
    severities: { error: 0, warning: 1, info: 0 },
  });
  const events = [anEvent({ type: "diagnostic", status: "warning" })];
  const found = await run([attempt], { events, output: "config broken" });
  assertEquals(found.map(({ severity }) => severity), ["critical", "warning"]);
  assertEquals(found[0]!.excerpt, "config broken");
});

Deno.test("without places the end of the output is the excerpt, as a terminal shows it", async () => {
  const attempt = bad("fail", ["exit_nonzero"], { kind: "build", command: "make all" });
  const lines = Array.from({ length: 30 }, (_, index) => `\x1b[31mstep ${index}\x1b[0m`);
  const output = `${lines.join("\r\n")}\n\n10%\r50%\r100%\x07\n\x1b]8;;x\x07link\n`;
  const found = await one(attempt, { output });
  assertEquals(found.excerpt!.split("\n").slice(-3), ["step 29", "100%", "link"]);
  assertEquals(found.excerpt!.split("\n").length, 12);
  assertEquals(found.title, "unit: because of exit_nonzero");
  assertEquals(found.task, "Fix the problems that unit reports: make all");
});

Deno.test("what is missing is named: a plugin of pytest, a grant of a plugin", async () => {
  const output = "pytest: error: unrecognized arguments: --json-report --json-report-file=a";
  const pytest = await one(bad("fail", ["exit_nonzero"]), { output });
  assertStringIncludes(pytest.task, "pip install pytest-json-report");
  const message = 'could not be prepared: the plugin was not granted "read" of "package.json"';
  const reasons = [{ code: "prepare_failed", message }] as const;
  const refused = await one(bad("unknown", [], { reasons }));
  assertStringIncludes(refused.task, 'permissions = { read = ["package.json"] }');
});

const causes:
  readonly (readonly [readonly ReasonCode[], "fail" | "unknown", Diagnosis["category"]])[] = [
    [["timeout", "report_missing"], "fail", "timeout"],
    [["killed", "report_truncated"], "fail", "crash"],
    [["oom", "report_missing"], "fail", "crash"],
    [["tool_missing", "report_missing"], "unknown", "missing_tool"],
    [["sandbox_unenforced"], "unknown", "environment"],
    [["lock_timeout"], "unknown", "environment"],
    [["prepare_failed"], "unknown", "environment"],
    [["report_missing"], "unknown", "unreadable_report"],
    [["report_stale"], "unknown", "unreadable_report"],
    [["report_malformed"], "unknown", "unreadable_report"],
    [["report_truncated", "exit_nonzero"], "unknown", "unreadable_report"],
    [["exit_nonzero", "report_missing"], "fail", "test"],
    [["exit_nonzero", "no_tests"], "fail", "test"],
    [["no_tests"], "unknown", "no_evidence"],
    [["all_skipped"], "unknown", "no_evidence"],
    [["disagreement"], "fail", "test"],
  ];

for (const [codes, verdict, category] of causes) {
  Deno.test(`${codes.join(" + ")} is one diagnosis: ${category}`, async () => {
    const found = await one(bad(verdict, codes), { output: "last words" });
    assertEquals(found.category, category);
    assert(found.severity === "blocker" || found.severity === "critical");
    assertEquals(found.excerpt, "last words");
    assertEquals(found.refs, ["unit:7"]);
    assert(/^[A-Z].*\S$/.test(found.task), found.task);
  });
}

Deno.test("a missing tool is named with how to install it", async () => {
  const reasons = [{ code: "tool_missing" as const, message: '"pytest" not found' }];
  const attempt = bad("unknown", [], { reasons, command: "PYTHONPATH=. pytest -q" });
  assertEquals(
    (await one(attempt)).task,
    "Install pytest (python3 -m pip install pytest), or put it on PATH.",
  );
  const shell = [{
    code: "tool_missing" as const,
    message: "a program of the command not found",
  }];
  assertStringIncludes((await one({ ...attempt, reasons: shell })).task, "Install pytest");
  const unknown = [{ code: "tool_missing" as const, message: '"constructor" not found' }];
  assertEquals(
    (await one({ ...attempt, reasons: unknown })).task,
    "Install constructor, or put it on PATH.",
  );
  const denied = [{ code: "tool_missing" as const, message: '"./x" is not executable' }];
  assertStringIncludes((await one({ ...attempt, reasons: denied })).task, "chmod +x");
});

Deno.test("an unreadable report is named with its line and what is there", async () => {
  const message = "malformed report: line 2, column 5: bad tag";
  const attempt = bad("unknown", [], {
    reasons: [{ code: "report_malformed", message }],
    result_file: "out/junit.xml",
    result_format: "junit-xml",
  });
  const found = await one(attempt, { sources: { "out/junit.xml": "<a>\n<b\n</a>\n" } });
  assertEquals([found.file, found.line, found.column], ["out/junit.xml", 2, 5]);
  assertEquals(found.excerpt, "  1 | <a>\n> 2 | <b\n  3 | </a>");
  assertEquals(found.title, `unit: ${message}`);
});

Deno.test("exit 0 with failures: the tests, and mildly the exit code", async () => {
  const attempt = {
    ...testsFailed,
    exit_code: 0,
    reasons: [{ code: "disagreement" as const, message: "exit 0" }, ...testsFailed.reasons],
  };
  const found = await run([attempt], { events: [anEvent({ name: "adds" })] });
  assertEquals(found.map(({ severity, category }) => [severity, category]), [
    ["critical", "test"],
    ["warning", "environment"],
  ]);
});

Deno.test("declared failures that are not shown are looked for in the report", async () => {
  const found = await one(bad("fail", ["disagreement"], { exit_code: 0 }));
  assertEquals([found.category, found.severity], ["unreadable_report", "critical"]);
});

Deno.test("a command whose events are gone still has a diagnosis", async () => {
  const found = await one(testsFailed);
  assertEquals([found.title, found.severity], ["unit: because of tests_failed", "critical"]);
});

Deno.test("a run that never ended says so", async () => {
  const attempt = anAttempt({ state: "interrupted", verdict: "pass" });
  const found = await one(attempt);
  assertEquals([found.category, found.severity], ["environment", "blocker"]);
});

Deno.test("what is not required is at most a warning, and is diagnosed all the same", async () => {
  const attempt = { ...testsFailed, required: false };
  const found = await one(attempt, { events: [anEvent({ name: "adds" })] });
  assertEquals([found.severity, found.category], ["warning", "test"]);
});

Deno.test("the most blocking first, over all commands", async () => {
  const found = await run([
    bad("fail", ["exit_nonzero"], { kind: "lint" }),
    bad("unknown", ["cancelled"]),
    bad("fail", ["exit_nonzero"], { kind: "build" }),
    bad("fail", ["timeout"]),
    bad("unknown", ["tool_missing"]),
  ]);
  assertEquals(found.map(({ category }) => category), [
    "missing_tool",
    "timeout",
    "build",
    "lint",
    "environment",
  ]);
});

Deno.test("an excerpt never comes from a line that does not exist", async () => {
  const event = anEvent({ file: "a.ts", line: 99, details: "\x1b[1mwanted 1\x1b[0m\n\n got 2" });
  const found = await one(testsFailed, { events: [event], sources: { "a.ts": source } });
  assertEquals(found.excerpt, "wanted 1\n got 2");
});

Deno.test("each source is read once, and only for the first hundred", async () => {
  let reads = 0;
  const events = Array.from(
    { length: 150 },
    (_, index) =>
      anEvent({ index: index + 1, cluster: `${index}`, file: `${index % 2}.ts`, line: 1 }),
  );
  const found = await diagnose({
    run: { attempts: [testsFailed] },
    eventsOf: () => events,
    readSource: () => (reads++, Promise.resolve("x")),
    readOutput: () => Promise.resolve({ text: "" }),
  });
  assertEquals([found.length, reads], [150, 2]);
  assertEquals(found.filter(({ excerpt }) => excerpt !== null).length, 100);
});

Deno.test("a place that cannot be shown: the end of the output it was found in, not the title again", async () => {
  const attempt = bad("fail", ["exit_nonzero"], { kind: "build" });
  const event = anEvent({
    type: "diagnostic",
    status: "error",
    message: "no x",
    file: "x.c",
    line: 3,
  });
  const found = await one(attempt, { events: [event], output: "cc x.c\nx.c:3: error: no x\n" });
  assertEquals(found.excerpt, "cc x.c\nx.c:3: error: no x");
  assertEquals((await one(testsFailed, { events: [anEvent({ message: "no" })] })).excerpt, null);
  const long = await one(testsFailed, { events: [anEvent({ message: "no\nbecause" })] });
  assertEquals(long.excerpt, "no\nbecause");
});

const unreached = { dimension: "network", subject: "a.example", evidence: "e" };
const unwritten = { dimension: "filesystem", subject: "/etc/x", evidence: "e" };

Deno.test("what a sandbox denied: the diagnosis says how to allow it", async () => {
  const attempt = bad("fail", ["sandbox_denied", "exit_nonzero", "report_missing"], {
    denials: [unwritten, unreached, unreached],
  });
  const { category, severity, title, task } = await one(attempt);
  assertEquals([category, severity], ["environment", "critical"]);
  assertEquals(title, "unit: because of sandbox_denied");
  assertStringIncludes(task, "Add /etc/x to paths_writable of the sandbox of unit");
  assertStringIncludes(task, "Let the sandbox of unit reach a.example (network)");
});

Deno.test("every limit has a task of its own", async () => {
  const words: Readonly<Record<string, string>> = {
    paths_hidden: "to paths_readable",
    memory: "Raise memory",
    cpu: "Raise cpu",
    pids: "Raise pids",
    processes: 'processes = "visible"',
    env: "Allow it under env",
  };
  for (const [dimension, word] of Object.entries(words)) {
    const denials = [{ dimension, evidence: "e" }];
    const { task } = await one(bad("fail", ["sandbox_denied"], { denials }));
    assertStringIncludes(task, word);
    assert(!task.includes("undefined"));
  }
});

Deno.test("a denial is listed with what stopped the command, and with failed tests", async () => {
  const codes = async (attempt: Attempt, world: World = {}) =>
    (await run([attempt], world)).map(({ cluster }) => cluster);
  const stopped = bad("fail", ["timeout", "sandbox_denied"], { denials: [unreached] });
  assertEquals(await codes(stopped), ["timeout:unit", "sandbox_denied:unit"]);
  const failed = { ...testsFailed, denials: [unreached] };
  const reasons = [{ code: "sandbox_denied" as const, message: "m" }, ...failed.reasons];
  const found = await codes({ ...failed, reasons }, { events: [anEvent({ message: "m" })] });
  assertEquals([found.length, found.includes("sandbox_denied:unit")], [2, true]);
});

Deno.test("out of memory names the sandbox's limit where that is what was met", async () => {
  const denials = [{ dimension: "memory", evidence: "e", killed: true }];
  assertStringIncludes((await one(bad("fail", ["oom"], { denials }))).task, "Raise memory in the");
  assertStringIncludes((await one(bad("fail", ["oom"]))).task, "Give unit more memory");
});

Deno.test("a file of node:test that ended before its tests: the first error of the output is shown", async () => {
  const output = "ok\nError: Cannot find module './helper.js'\n    at require\nmore\n";
  const silent = anEvent({
    name: "a.test.js",
    message: "test failed",
    details: "[Error: test failed]",
  });
  const shown = await one(testsFailed, { events: [silent], output });
  assertEquals(shown.excerpt, "Error: Cannot find module './helper.js'\n    at require\nmore");
  const explained = anEvent({ name: "adds", message: "expected 1", details: "expected 1, got 2" });
  assertEquals(
    (await one(testsFailed, { events: [explained], output })).excerpt,
    "expected 1, got 2",
  );
});
