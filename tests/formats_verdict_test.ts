import { assertEquals } from "@std/assert";
import { parsers } from "../plugins/parsers/mod.ts";
import { needsTests, settle } from "../src/verdict/settle.ts";
import type { Kind } from "../src/model.ts";
import { readReport } from "../src/run/read_report.ts";
import { stateOf } from "../src/run/report.ts";
import type { ReportParser } from "../src/plugin.ts";

/** Of every format a whole report that tells of no test and no problem. */
const quiet: Readonly<Record<string, string>> = {
  "junit-xml": '<testsuites tests="0" failures="0"/>',
  "pytest-json-report": '{"exitcode": 5, "root": "/p", "summary": {"total": 0}, "tests": []}',
  "rspec-json": '{"version": "3", "examples": [], ' +
    '"summary": {"example_count": 0, "failure_count": 0, "pending_count": 0}}',
  "generic-json": '{"schema": "assay.report/1"}',
  "tap": "TAP version 13\n1..0\n",
  "jest-json": '{"numTotalTests": 0, "success": true, "testResults": []}',
  "mocha-json":
    '{"stats": {"tests": 0, "failures": 0, "pending": 0}, "tests": [], "pending": [], "failures": [], "passes": []}',
  "go-test-json": '{"Action": "pass", "Package": "p"}\n',
  "sarif": '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "t"}}, "results": []}]}',
  "eslint-json": '[{"filePath": "a.js", "messages": [], "errorCount": 0}]',
  "stylelint-json": '[{"source": "a.css", "warnings": [], "errored": false}]',
  "rubocop-json": '{"files": [{"path": "a.rb", "offenses": []}], ' +
    '"summary": {"offense_count": 0, "target_file_count": 1, "inspected_file_count": 1}}',
  "deno-lint-json": '{"version": 1, "diagnostics": [], "errors": []}',
  "golangci-json": '{"Issues": [], "Report": {}}',
  "shellcheck-json": "[]",
  "cargo-json": '{"reason": "build-finished", "success": true}\n',
  "trx": '<TestRun xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010">' +
    '<ResultSummary outcome="Completed"><Counters total="0"/></ResultSummary></TestRun>',
  "nunit-xml": '<test-run total="0" result="Passed"/>',
  "text": "all is well\n",
};

/** Formats whose report proves something for a linter or a build without any test in it. */
const proveWithoutTests = [
  "generic-json",
  "sarif",
  "eslint-json",
  "stylelint-json",
  "rubocop-json",
  "deno-lint-json",
  "golangci-json",
  "shellcheck-json",
  "cargo-json",
];

async function settled(parser: ReportParser, report: string, kind: Kind): Promise<string> {
  const counts = await readReport(
    parser,
    new Blob([report]).stream(),
    { root: "/p", cwd: "/p", source: "the report" },
    () => ({ identity: "i", cluster: "c" }),
    () => {},
  );
  const { verdict, reasons } = settle({
    kind,
    resultFormat: parser.format,
    holdsTests: needsTests(parser.holds, kind),
    exitCode: 0,
    signal: null,
    timedOut: false,
    cancelled: false,
    failOn: "error",
    allowNoTests: false,
    report: { ...counts, ...stateOf(counts) },
  });
  return `${verdict}: ${reasons.map(({ code }) => code)}`;
}

Deno.test("the clean report of a linter passes, whatever its format; without tests no other does", async () => {
  assertEquals(Object.keys(quiet).toSorted(), parsers.map(({ format }) => format).toSorted());
  for (const parser of parsers) {
    const { format } = parser;
    const expected = proveWithoutTests.includes(format) ? "pass: ok" : "unknown: no_tests";
    for (const kind of ["lint", "build"] as const) {
      assertEquals(await settled(parser, quiet[format]!, kind), expected, `${format}, ${kind}`);
    }
  }
});

Deno.test("a mixed format proves nothing for a test runner without a test", async () => {
  for (const parser of parsers.filter(({ holds }) => holds === "either")) {
    const verdict = await settled(parser, quiet[parser.format]!, "test");
    assertEquals(verdict, "unknown: no_tests", parser.format);
  }
});
