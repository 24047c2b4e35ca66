/** The report formats that come with assay. Each one's reader is loaded on demand, to keep start-up fast. */

import type { ReportParser } from "../../src/plugin.ts";

/** The reader of each format. The format `exit-code` means that there is no report, and has none. */
const readers = {
  "junit-xml": async () => (await import("./junit_xml.ts")).parse,
  "pytest-json-report": async () => (await import("./pytest_json_report.ts")).parse,
  "rspec-json": async () => (await import("./rspec_json.ts")).parse,
  "generic-json": async () => (await import("./generic_json.ts")).parse,
  "tap": async () => (await import("./tap.ts")).parse,
  "jest-json": async () => (await import("./jest_json.ts")).parse,
  "mocha-json": async () => (await import("./mocha_json.ts")).parse,
  "go-test-json": async () => (await import("./go_test_json.ts")).parse,
  "sarif": async () => (await import("./sarif.ts")).parse,
  "eslint-json": async () => (await import("./linters_json.ts")).eslint,
  "stylelint-json": async () => (await import("./linters_json.ts")).stylelint,
  "rubocop-json": async () => (await import("./linters_json.ts")).rubocop,
  "deno-lint-json": async () => (await import("./linters_json.ts")).denoLint,
  "golangci-json": async () => (await import("./linters_json.ts")).golangci,
  "shellcheck-json": async () => (await import("./linters_json.ts")).shellcheck,
  "cargo-json": async () => (await import("./cargo_json.ts")).parse,
  "trx": async () => (await import("./trx.ts")).parse,
  "nunit-xml": async () => (await import("./nunit_xml.ts")).parse,
  "text": async () => (await import("./text.ts")).parse,
} satisfies Record<string, () => Promise<ReportParser["parse"]>>;

type Format = keyof typeof readers;

/** What a report of each must contain to prove something, and its line for people. */
const formats: Readonly<Record<Format, readonly [ReportParser["holds"], string]>> = {
  "junit-xml": [
    "tests",
    "JUnit XML of any dialect: pytest, Surefire, Gradle, Jest, PHPUnit, go-junit-report …",
  ],
  "pytest-json-report": ["tests", "pytest-json-report: pytest --json-report"],
  "rspec-json": ["tests", "RSpec: rspec --format json, in a file or on standard output"],
  "generic-json": ["either", "CTRF, or assay's own simple format assay.report/1"],
  "tap": ["tests", "Test Anything Protocol 12 to 14: node --test, tape, bats, prove …"],
  "jest-json": ["tests", "Jest (--json) and Vitest (--reporter json)"],
  "mocha-json": ["tests", "Mocha: --reporter json"],
  "go-test-json": ["tests", "Go: go test -json"],
  "sarif": ["diagnostics", "SARIF 2.1.0, which most analysers can write"],
  "eslint-json": ["diagnostics", "ESLint: --format json"],
  "stylelint-json": ["diagnostics", "Stylelint: --formatter json"],
  "rubocop-json": ["diagnostics", "RuboCop: --format json"],
  "deno-lint-json": ["diagnostics", "Deno: deno lint --json"],
  "golangci-json": [
    "diagnostics",
    "golangci-lint: --output.json.path, before version 2 --out-format json",
  ],
  "shellcheck-json": ["diagnostics", "ShellCheck: --format json1 or json"],
  "cargo-json": ["either", "Cargo and Clippy: --message-format json, and libtest's --format json"],
  "trx": ["tests", "Visual Studio test results: dotnet test --logger trx"],
  "nunit-xml": ["tests", "NUnit 3 XML"],
  "text": [
    "nothing",
    "Diagnostics in the plain output of compilers and linters (for assay parse only)",
  ],
};

export const parsers: readonly ReportParser[] = (Object.keys(formats) as Format[]).map((
  format,
) => ({
  format,
  description: formats[format][1],
  holds: formats[format][0],
  async *parse(input, context) {
    yield* (await readers[format]())(input, context);
  },
}));
