/**
 * What people see, compared with the files of `tests/corpus/report`. After a change that is meant, run
 * with `ASSAY_UPDATE=1`, and read the difference.
 */

import { aDiagnosis, anAttempt, anEvent, aRun, testCounts } from "../../../tests/records.ts";
import type { Attempt, Diagnosis, Gate } from "../../model.ts";
import type { ModulePluginRecord, PluginOutput } from "../../schema/plugins.ts";
import { corpusTests, evil } from "./_testing.ts";
import { explanation } from "./explanation.ts";
import { historyTable } from "./history_table.ts";
import { parseSummary } from "./parse_summary.ts";
import { pluginAdded, pluginRemoved, pluginTable, pluginUpdated } from "./plugins.ts";
import { diagnosisList, gateSummary, runSummary } from "./run_summary.ts";
import { doctorTable } from "./doctor_table.ts";
import type { Look } from "./style.ts";

function gate(
  id: string,
  status: Gate["status"],
  score: number,
  weight: number,
  reason: string,
): Gate {
  return { id, status, score, weight, required: true, reason };
}

const build = anAttempt({
  name: "deno_check",
  kind: "build",
  ref: "deno_check:4",
  evidence: "exit_code",
  duration_ms: 412,
});
const test = anAttempt({
  ref: "deno_test:7",
  duration_ms: 12_345,
  tests: testCounts({ passed: 41, skipped: 2, flaky: 1 }),
});
const lint = anAttempt({ name: "deno_lint", kind: "lint", ref: "deno_lint:4", duration_ms: 95 });

const ready = aRun({
  gates: [
    gate("build", "pass", 1, 30, "1 command passed"),
    gate("test", "pass", 1, 40, "41 tests passed, 2 skipped"),
    gate(
      "lint",
      "waived",
      1,
      15,
      "new rules land in May (otherwise fail: deno_lint failed)",
    ),
    gate("acceptance", "not_applicable", 0, 20, "no checklist"),
  ],
  attempts: [build, test, lint],
});

function failing(attempt: Attempt, message: string, part: Partial<Attempt> = {}): Attempt {
  return { ...attempt, verdict: "fail", reasons: [{ code: "tests_failed", message }], ...part };
}

const subtracts = aDiagnosis({
  title: "subtracts small numbers from large ones: Values are not equal: expected 4, got 5",
  task: 'Fix src/subtract.ts:12 so that the test "subtracts small numbers from large ones" passes.',
  file: "src/subtract.ts",
  line: 12,
  column: 5,
  frames: [
    { file: "src/subtract.ts", line: 12, column: 5, function: "subtract" },
    { file: "src/subtract_test.ts", line: 4 },
  ],
  excerpt: [
    "  11 | export function subtract(one: number, other: number): number {",
    "> 12 |   return one - other + 1;",
    "  13 | }",
  ].join("\n"),
  count: 3,
  refs: ["deno_test:7:3", "deno_test:7:4", "deno_test:7:9"],
});

const unused = aDiagnosis({
  category: "lint",
  title: "no-unused-vars: `subtract` is never used",
  task: "Fix what no-unused-vars reports at src/mod.ts:1.",
  file: "src/mod.ts",
  line: 1,
  refs: ["deno_lint:4:1"],
});

const failed = aRun({
  recommendation: "continue_fixing",
  confidence: 92.3,
  duration_ms: 135_000,
  gates: [
    gate("build", "pass", 1, 30, "1 command passed"),
    gate("test", "fail", 0.8372, 40, "deno_test: 3 of 43 tests failed"),
    gate("lint", "pass", 1, 15, "1 command passed; not required: slow_lint failed"),
  ],
  attempts: [
    build,
    failing(test, "3 of 43 tests failed", {
      warnings: ["standard output: only the first 64 MiB were kept"],
    }),
    failing({ ...lint, required: false, name: "slow_lint" }, "exit code 1"),
  ],
  warnings: ["the working tree could not be hashed: git is not on PATH"],
});

const missing = aDiagnosis({
  category: "missing_tool",
  severity: "blocker",
  title: 'pytest: "pytest" not found',
  task: "Install pytest (python3 -m pip install pytest), or put it on PATH.",
  excerpt: "sh: 1: pytest: not found",
  refs: ["pytest:1"],
});

const blocked = aRun({
  recommendation: "blocked",
  confidence: 0,
  commit: null,
  branch: null,
  dirty: null,
  gates: [
    gate("build", "not_applicable", 0, 30, "no build command found"),
    gate("test", "unknown", 0, 40, 'pytest: "pytest" not found'),
    gate("lint", "unknown", 0, 15, "some lint commands were left out (--skip, --only)"),
  ],
  attempts: [
    anAttempt({
      name: "pytest",
      ref: "pytest:1",
      verdict: "unknown",
      reasons: [
        { code: "tool_missing", message: '"pytest" not found' },
        {
          code: "report_missing",
          message: "report missing: .assay/pytest.json",
        },
      ],
      duration_ms: 4,
    }),
  ],
});

const nothing = aRun({
  recommendation: "blocked",
  confidence: 0,
  gates: ["build", "test", "lint"].map((id) =>
    gate(id, "not_applicable", 0, 10, `no ${id} command was found`)
  ),
});

const interrupted = aRun({
  state: "interrupted",
  recommendation: "blocked",
  confidence: 0,
  attempts: [{ ...test, state: "interrupted", verdict: "unknown", reasons: [] }],
});

const hostile = aRun({
  root: `/tmp/${evil}`,
  branch: evil,
  recommendation: "continue_fixing",
  confidence: 0,
  gates: [gate("test", "fail", 0, 40, evil)],
  attempts: [failing({ ...test, name: evil }, evil, { warnings: [evil] })],
  warnings: [evil],
});

const hostileDiagnosis = aDiagnosis({
  title: evil,
  task: evil,
  file: evil,
  line: 1,
  frames: [{ file: evil, function: evil }],
  excerpt: `${evil}\n${evil}`,
  refs: [evil],
});

const wide = aRun({
  root: "/home/花子/電卓",
  recommendation: "continue_fixing",
  confidence: 60,
  gates: [
    gate(
      "test",
      "fail",
      0.5,
      40,
      "足し算: 期待値は四ですが、五が返されました。実装を確認してください。",
    ),
  ],
  attempts: [
    failing(
      { ...test, name: "テスト" },
      "期待値は四ですが、五が返されました。実装を確認してください。👩‍👩‍👧",
    ),
    { ...lint, name: "cafe\u0301" },
  ],
});

const many: readonly Diagnosis[] = Array.from(
  { length: 8 },
  (_, index) =>
    index === 0 ? subtracts : index === 1 ? unused : aDiagnosis({
      severity: index > 5 ? "warning" : "critical",
      title: `failure ${index}`,
      refs: [`deno_test:7:${index}`],
    }),
);

const arithmetic = [
  "build  pass            weight 30 × score 1 = 30",
  "lint   not_applicable  does not count",
  "confidence = 100 × 81.9 / 100 = 81.9 (rounded down); ready needs 94",
];

const parsed = {
  format: "junit-xml",
  complete: true,
  verdict: "fail" as const,
  tests: testCounts({ passed: 20, failed: 2, skipped: 1 }),
  suite_errors: 1,
  diagnostics: 0,
  severities: { error: 0, warning: 0, info: 0 },
  declared: { tests: 23, failed: 2 },
};

const problems = [
  anEvent({ name: "subtracts", message: "expected 4, got 5", file: "test/subtract.ts", line: 12 }),
  anEvent({ type: "suite_error", status: "error", message: "cannot import ./divide.ts" }),
];

const runner = {
  name: "deno_test",
  kind: "test" as const,
  detected: true,
  why: "found deno.json",
  enabled: true,
  required: true,
  command: "deno test",
  result_format: "junit-xml",
  plugin: "deno",
  file: "built-in",
  line: null,
  dialect: "runners" as const,
};

const stamp: ModulePluginRecord = {
  name: "stamp",
  version: "1.2.3",
  description: "Says when a command was started,\x1b[31m and where",
  url: "https://plugins.example.com/stamp/v1/mod.ts",
  isolation: "worker",
  state: "loaded",
  provides: {
    extensions: [{ name: "stamp", key: "timestamp" }],
    engines: ["box"],
    annotators: [{ name: "when", eager: true }, { name: "where", eager: false }],
    parsers: ["odd"],
    runners: ["clock"],
  },
  modules: { count: 3, bytes: 12_600, hosts: ["plugins.example.com", "esm.sh"] },
  permissions: {
    asked: { read: ["."], net: ["time.example.com:123"], env: true },
    granted: { read: ["."], run: ["date"] },
    missing: { net: ["time.example.com:123"], env: true },
  },
};

const local: ModulePluginRecord = {
  ...stamp,
  name: "local",
  version: null,
  description: null,
  url: "./plugins/local.js",
  isolation: "none",
  provides: { extensions: [], engines: [], annotators: [], parsers: [], runners: [] },
  modules: { count: 1, bytes: 200, hosts: [] },
};

const listed: PluginOutput = {
  root: "/home/ada/app",
  modules: [stamp, { ...local, permissions: { ...local.permissions, missing: {} } }],
  plugins: [
    {
      ...{ name: "own", version: "1.0.0", file: ".assay/plugins.json" },
      ...{ dialect: "runners", runners: ["style"] },
    },
    { name: "deno", file: "built-in", dialect: "built-in", runners: ["deno_test", "deno_lint"] },
  ],
  runners: [
    runner,
    {
      ...runner,
      name: "style",
      kind: "lint",
      plugin: "own",
      why: "*.ts matches src/mod.ts",
      required: false,
    },
    {
      ...runner,
      name: "rspec",
      plugin: "ruby",
      detected: false,
      why: 'no file matches "spec/**/*_spec.rb"',
    },
    { ...runner, name: "deno_lint", kind: "lint", enabled: false },
  ],
  commands: [
    {
      ...{ name: "docs", description: "Build the docs", kind: "build" as const },
      ...{ command: "x", file: ".assay/commands.toml" },
    },
  ],
  dropped: [{ name: "deno_check", file: "built-in", why: "replaced by .assay/plugins.json" }],
};

const cases: Readonly<Record<string, (look: Look) => string>> = {
  ready: (look) => runSummary(ready, [], look),
  failed: (look) => runSummary(failed, [subtracts, unused], look),
  failed_many: (look) => runSummary(failed, many, look),
  blocked: (look) => runSummary(blocked, [missing], look),
  nothing: (look) => runSummary(nothing, [], look),
  interrupted: (look) => runSummary(interrupted, [], look),
  hostile: (look) => runSummary(hostile, [hostileDiagnosis], look),
  wide: (look) => runSummary(wide, [], look),
  gate: (look) => gateSummary(failed, [], look),
  gate_explain: (look) => gateSummary(failed, arithmetic, look),
  diagnose: (look) => diagnosisList(failed, [missing, subtracts, unused], look),
  diagnose_hostile: (look) => diagnosisList(hostile, [hostileDiagnosis], look),
  diagnose_nothing: (look) => diagnosisList(ready, [], look),
  history: (look) => historyTable([ready, failed, blocked, interrupted], look),
  history_empty: (look) => historyTable([], look),
  parse: (look) => parseSummary(parsed, problems, look),
  parse_broken: (look) =>
    parseSummary(
      {
        ...parsed,
        complete: false,
        verdict: "unknown",
        tests: testCounts(),
        suite_errors: 0,
        error: { code: "report_truncated", message: "line 3: the document ends inside <testcase>" },
      },
      [],
      look,
    ),
  plugin: (look) => pluginTable(listed, look, true),
  plugin_none: (look) =>
    pluginTable(
      { root: "/", modules: [], plugins: [], runners: [], commands: [], dropped: [] },
      look,
    ),
  plugin_add: (look) =>
    pluginAdded({
      root: "/",
      plugin: stamp,
      // On a line of its own, however long: here it is short, so that the width can be tested.
      grant: "assay plugin remove ./a && …",
      files: [".assay/lock.json", ".assay/config.toml"],
    }, look),
  plugin_add_nothing: (look) =>
    pluginAdded({
      root: "/",
      plugin: { ...local, permissions: { asked: {}, granted: {}, missing: {} } },
      grant: null,
      files: [".assay/config.toml"],
    }, look),
  plugin_remove: (look) =>
    pluginRemoved({
      root: "/",
      url: stamp.url,
      name: "stamp",
      files: [".assay/config.toml", ".assay/lock.json"],
      problems: ['Cannot read .assay/commands.toml: line 3: unknown key "stamp"'],
    }, look),
  plugin_update: (look) =>
    pluginUpdated({
      root: "/",
      plugins: [
        {
          plugin: stamp,
          changed: true,
          name_before: "stamper",
          version_before: "1.1.0",
          modules: [
            {
              url: "https://plugins.example.com/stamp/v1/mod.ts",
              before: { sha256: "0123456789abcdef".repeat(4), bytes: 1000 },
              after: { sha256: "fedcba9876543210".repeat(4), bytes: 2048 },
            },
            {
              url: "https://plugins.example.com/stamp/v1/new.ts",
              before: null,
              after: { sha256: "a".repeat(64), bytes: 3_000_000 },
            },
            {
              url: "https://plugins.example.com/stamp/v1/old.ts",
              before: { sha256: "b".repeat(64), bytes: 1 },
              after: null,
            },
          ],
          redirects: [{ url: "jsr:@a/b", before: null, after: "https://jsr.io/@a/b/1.0.0/mod.ts" }],
          isolation_before: null,
          granted_before: {},
          provides_now: ["annotator when (eager)"],
          provides_no_more: ["parser odd"],
        },
        {
          plugin: local,
          changed: false,
          name_before: null,
          version_before: null,
          modules: [],
          redirects: [],
          isolation_before: null,
          granted_before: null,
          provides_now: [],
          provides_no_more: [],
        },
      ],
      files: [".assay/lock.json"],
    }, look),
  plugin_update_none: (look) => pluginUpdated({ root: "/", plugins: [], files: [] }, look),
  explain: (look) =>
    explanation({
      name: "unit",
      kind: "test",
      source: "runner",
      description: "Unit tests, with the report that assay reads",
      command: "pytest -q --junit-xml={{result_file}} tests/unit tests/integration",
      cwd: ".",
      extension_data: { env: { PYTHONPATH: ".", unset: ["LC_*"] }, platform: { shell: "bash" } },
      prepared: {
        command: "pytest -q --junit-xml=/p/.assay/runs/01/junit.xml tests/unit tests/integration",
        engines: [{ name: "bwrap", holds: ["network", "filesystem"] }],
        argv: [
          ...["nice", "-n", "5", "bash", "-c"],
          "pytest -q --junit-xml=/p/.assay/runs/01/junit.xml tests/unit tests/integration",
        ],
        cwd: "back end",
        timeout_ms: 300_000,
        extensions: [
          {
            extension: "env",
            changes: { env: { set: ["PYTHONPATH"], unset: ["LC_ALL", "LC_TIME"] } },
            duration_ms: 0.3,
          },
          {
            extension: "platform",
            changes: {
              cwd: { before: ".", after: "back end" },
              timeout_ms: { before: 600_000, after: 300_000 },
              shell: { before: ["sh", "-c"], after: ["bash", "-c"] },
              wrappers: { before: [], after: [["nice", "-n", "5"]] },
              collectors: 1,
            },
            duration_ms: 0.2,
          },
          { extension: "timestamp", changes: {}, duration_ms: 12 },
        ],
        failed: null,
        warnings: ['extension "env": .env:3: $HOST is not set, so it is empty'],
      },
      timeout_ms: 600_000,
      result_file: ".assay/runs/{{run_id}}/junit.xml",
      result_format: "junit-xml",
      fail_on: "error",
      required: true,
      files: null,
      allow_no_tests: false,
      lock: "database",
      sandbox: { preset: "test", on_uncovered: "warn", declared: { network: "none" } },
      detected: true,
      why: "found manage.py",
      origin: { plugin: "own", file: ".assay/plugins.json", line: 4, dialect: "runners" },
    }, look),
  doctor: (look) =>
    doctorTable([
      { name: "assay", ok: true, found: "0.1.0 on deno 2.9.6, linux" },
      {
        name: "git",
        ok: false,
        found: "not found",
        hint: "needed to record commit, branch and tree",
        optional: true,
      },
      {
        name: "pytest",
        ok: false,
        found: "not found",
        hint: "needed by unit (pip install pytest)",
      },
    ], look),
};
corpusTests(cases);
