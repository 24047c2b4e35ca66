/** Words that reports use, and some that none does: what mutations write in place of a status. */

/** Words for what became of a test, a file, a run or a rule. */
export const words: readonly string[] =
  ("passed failed error errored skipped pending ok pass fail skip ignored timeout" +
    " aborted broken cancelled inconclusive incomplete todo other xfailed xpassed disabled focused run completed notrun" +
    " suppressed true false success failure warning note info none fatal Passed Failed Error Timeout Aborted Inconclusive" +
    " PassedButRunAborted NotRunnable NotExecuted Disconnected Warning Completed InProgress Pending Skipped Cancelled" +
    " started build-fail fail bench cont output crashed rerun interrupted unstable FAILED PASSED Failure XFAIL blocked" +
    " unknown help convention refactor style critical blocker high sky-high terminated not-a-word")
    .split(" ");

/** Values of another type, and numbers at the edges. */
export const oddities: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    2,
    1e9,
    0.5,
    "",
    "0",
    "1",
    "2",
    "-1",
    "1e0",
    " 1",
    "NaN",
    "x",
    [],
    {},
    [{}],
    [[]],
  ],
];

/** Elements that a failed run may leave in XML, known and unknown. */
export const elements: readonly string[] = [
  '<failure message="no"/>',
  "<error>no</error>",
  "<failed/>",
  "<aborted/>",
  "<Failure/>",
  "<rerunFailure/>",
  "<flakyFailure/>",
  "<skipped/>",
  "<timeout/>",
  "<broken>x</broken>",
  "<inconclusive/>",
  "<system-out>x</system-out>",
  "<x:failure/>",
  "<crashed/>",
  "<assertion-error/>",
  "<exception/>",
  "<problem/>",
  "<unexpected>x</unexpected>",
  "<testcase name='new' status='timeout'/>",
  "<testcase name='new'/>",
  "<testcase name='new'><failure/></testcase>",
  '<testsuite name="new" tests="1" failures="1"/>',
  '<testsuite name="new" tests="2"/>',
  '<testsuite failed="1"/>',
  '<test-case name="new" result="Failed"/>',
  '<test-case name="new" result="Passed"/>',
  '<UnitTestResult testName="new" outcome="Failed"/>',
  '<UnitTestResult testName="new" outcome="Passed"/>',
  '<UnitTestResult testName="new"/>',
  "<Output><ErrorInfo><Message>no</Message><StackTrace>at A</StackTrace></ErrorInfo></Output>",
  '<RunInfo outcome="Error"><Text>crashed</Text></RunInfo>',
  "<group><testcase name='deep'><failure/></testcase></group>",
];

/** Attributes that mutations add. */
export const attributes: readonly string[] = (
  "status result outcome success failures errors failed tests passed skipped errored aborted label runstate total" +
  " inconclusive error disabled site state verdict executed exception exitCode warning"
).split(" ");

/** Entries that a failed run may leave in the lists of a JSON report. */
export const entries: readonly unknown[] = [
  {
    status: "failed",
    outcome: "failed",
    title: "new",
    name: "new",
    nodeid: "new",
    description: "new",
  },
  { status: "timedOut", outcome: "crashed", title: "new", name: "new", nodeid: "new" },
  {
    status: "passed",
    outcome: "passed",
    title: "new",
    fullTitle: "new",
    name: "new",
    nodeid: "new",
    err: {},
  },
  { severity: 2, message: "no", ruleId: "x", fatal: true },
  { severity: "error", message: "no", text: "no", cop_name: "A/B", location: { line: 1 } },
  { severity: "critical", message: "no", text: "no", Severity: "", FromLinter: "x", Text: "no" },
  { level: "error", message: { text: "no" }, code: 1, file: "x.sh", line: 1 },
  { level: "fatal", message: { text: "no" }, kind: "fail" },
  { ruleId: "ERR1", message: { text: "no" } },
  { filename: "x.ts", message: "no", code: "no-var", range: { start: { line: 1, col: 0 } } },
  { file_path: "x.ts", message: "no" },
  { executionSuccessful: false },
  {},
  null,
  "x",
  7,
];

/** Lines that a failed run may leave in a format of lines, or between two documents. */
export const lines: readonly string[] = [
  "not ok 9 - new",
  "not ok 2 - page #todos is shown",
  "not ok 3 new # TODOING",
  "not ok 3 new #skip",
  "not ok 3 new # skip",
  "not ok",
  "Not ok 4",
  "not  ok 4",
  "\x1b[31mnot ok 4\x1b[0m",
  "pkg-b: not ok 4 - new",
  "# fail 1",
  "# tests 7",
  "not ok 3 new # todo list",
  "NOT OK 4",
  "    not ok 1 - inner",
  "ok 9 - new",
  "ok",
  "ok 4 - new # time=3ms",
  "1..2",
  "1..0 # skip all",
  "Bail out! no database",
  "bail out!",
  "  ---",
  "  ...",
  "pragma +strict",
  '{"Action":"fail","Package":"example.com/shop","Test":"TestNew"}',
  '{"Action":"fail","Package":"example.com/other"}',
  '{"Action":"run","Package":"example.com/shop","Test":"TestNew"}',
  '{"Action":"pass","Package":"example.com/shop","Test":"TestNew"}',
  '{"Action":"build-fail","ImportPath":"example.com/x"}',
  '{"Action":"crash","Package":"example.com/shop"}',
  '{"Action":"start","Package":"example.com/late"}',
  "FAIL\texample.com/x [build failed]",
  "panic: no",
  '{"reason":"build-finished","success":false}',
  '{"reason":"compiler-message","message":{"level":"error","message":"no","spans":[]}}',
  '{"reason":"compiler-message","message":{"level":"error: internal compiler error","message":"no","spans":[]}}',
  '{ "type": "test", "event": "failed", "name": "new" }',
  '{ "type": "test", "event": "started", "name": "new" }',
  '{ "type": "test", "event": "timeout", "name": "adds" }',
  '{ "type": "suite", "event": "failed", "passed": 0, "failed": 1, "ignored": 0 }',
  '{ "type": "suite", "event": "started", "test_count": 2 }',
  "test result: FAILED. 0 passed; 1 failed",
  "error[E0308]: mismatched types",
  "src/a.ts:1:7: error: no",
  "{",
  "[",
  "{ noise }",
  "[info] done",
  "",
  "Done in 1.2 s",
];
