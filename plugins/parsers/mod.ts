/**
 * The report formats that come with assay. Each parser is loaded when a report of its format is read, because
 * start-up is a budget.
 *
 * @module
 */

import type { ParseContext, ReportEvent, ReportParser } from "../../src/plugin.ts";

/** A module of this folder that reads one format. */
interface ParserModule {
  parse(
    input: ReadableStream<Uint8Array>,
    context: ParseContext,
  ): AsyncIterable<ReportEvent | readonly ReportEvent[]>;
}

function parser(
  format: string,
  description: string,
  holds: ReportParser["holds"],
  load: () => Promise<ParserModule>,
): ReportParser {
  return {
    format,
    description,
    holds,
    async *parse(input, context) {
      yield* (await load()).parse(input, context);
    },
  };
}

/** Every built-in parser. The format `exit-code` means that there is no report, and has none. */
export const parsers: readonly ReportParser[] = [
  parser(
    "junit-xml",
    "JUnit XML of any dialect: pytest, Surefire, Gradle, Jest, PHPUnit, go-junit-report …",
    "tests",
    () => import("./junit_xml.ts"),
  ),
  parser(
    "pytest-json-report",
    "pytest-json-report: pytest --json-report",
    "tests",
    () => import("./pytest_json_report.ts"),
  ),
  parser(
    "rspec-json",
    "RSpec: rspec --format json, in a file or on standard output",
    "tests",
    () => import("./rspec_json.ts"),
  ),
  parser(
    "generic-json",
    "CTRF, or assay's own small shape assay.report/1",
    "either",
    () => import("./generic_json.ts"),
  ),
  parser(
    "tap",
    "Test Anything Protocol 12 to 14: node --test, tape, bats, prove …",
    "tests",
    () => import("./tap.ts"),
  ),
  parser(
    "jest-json",
    "Jest (--json) and Vitest (--reporter json)",
    "tests",
    () => import("./jest_json.ts"),
  ),
  parser("mocha-json", "Mocha: --reporter json", "tests", () => import("./mocha_json.ts")),
  parser("go-test-json", "Go: go test -json", "tests", () => import("./go_test_json.ts")),
  parser(
    "sarif",
    "SARIF 2.1.0, which most analysers can write",
    "diagnostics",
    () => import("./sarif.ts"),
  ),
  parser("eslint-json", "ESLint: --format json", "diagnostics", () => import("./eslint_json.ts")),
  parser(
    "stylelint-json",
    "Stylelint: --formatter json",
    "diagnostics",
    () => import("./stylelint_json.ts"),
  ),
  parser(
    "rubocop-json",
    "RuboCop: --format json",
    "diagnostics",
    () => import("./rubocop_json.ts"),
  ),
  parser(
    "deno-lint-json",
    "Deno: deno lint --json",
    "diagnostics",
    () => import("./deno_lint_json.ts"),
  ),
  parser(
    "golangci-json",
    "golangci-lint: --output.json.path, before version 2 --out-format json",
    "diagnostics",
    () => import("./golangci_json.ts"),
  ),
  parser(
    "shellcheck-json",
    "ShellCheck: --format json1 or json",
    "diagnostics",
    () => import("./shellcheck_json.ts"),
  ),
  parser(
    "cargo-json",
    "Cargo and Clippy: --message-format json, and libtest's --format json",
    "either",
    () => import("./cargo_json.ts"),
  ),
  parser(
    "trx",
    "Visual Studio test results: dotnet test --logger trx",
    "tests",
    () => import("./trx.ts"),
  ),
  parser("nunit-xml", "NUnit 3 XML", "tests", () => import("./nunit_xml.ts")),
  parser(
    "text",
    "Diagnostics in the plain output of compilers and linters",
    "nothing",
    () => import("./text.ts"),
  ),
];
