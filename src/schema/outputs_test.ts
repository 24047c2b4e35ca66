import { assert, assertEquals } from "@std/assert";
import * as v from "valibot";
import { aDiagnosis, anAttempt, anEvent, aRun, testCounts } from "../../tests/records.ts";
import { UserError, UserErrors } from "../errors.ts";
import type { Annotation } from "../model.ts";
import { describeError } from "../report/error.ts";
import { type OutputName, outputNames, outputs, outputSchema } from "./outputs.ts";

const run = aRun({
  commit: null,
  gates: [{ id: "test", status: "waived", score: 1, weight: 40, required: true, reason: "why" }],
  attempts: [
    anAttempt({
      artifacts: [{ name: "report", path: "a.xml", sha256: "00", bytes: 3 }],
      sandbox: [{ dimension: "network", declared: "none", why: "no engine" }],
      metrics: { max_rss: 1 },
      extensions: [{
        extension: "env",
        changes: {
          command: { before: "a", after: "b" },
          cwd: { before: ".", after: "sub" },
          timeout_ms: { before: 1, after: 2 },
          shell: { before: ["sh", "-c"], after: ["bash", "-c"] },
          wrappers: { before: [], after: [["nice"]] },
          env: { set: ["A"], unset: [] },
          collectors: 1,
        },
        duration_ms: 0.5,
      }],
      extension_data: { env: { any: [null, { deep: 1 }] } },
      exit_code: null,
      signal: "SIGKILL",
    }),
  ],
});

const annotation: Annotation = {
  ref: "deno_test:1:1",
  annotator: "blame",
  key: "blame",
  type: "blame",
  display: "inline",
  text: "by Ada",
  data: { line: 3, nothing: null },
};

const inspected = {
  ref: "deno_test:1:1",
  run: {
    run_id: run.run_id,
    verb: run.verb,
    state: run.state,
    started_at: run.started_at,
    commit: null,
    branch: "main",
    dirty: true,
    tree: null,
  },
  attempt: run.attempts[0],
  event: anEvent(),
  problems: [],
  annotations: [annotation, { ...annotation, display: "hidden" }],
  warnings: [],
};

function errorRecord(error: UserError): unknown {
  return JSON.parse(describeError(error, { json: true, color: false, version: "0" }));
}

const modulePlugin = {
  name: "x",
  version: null,
  description: "d",
  url: "./x.js",
  isolation: "worker",
  state: "loaded",
  provides: {
    extensions: [{ name: "x", key: "y" }],
    engines: ["e"],
    annotators: [{ name: "a", eager: false }],
    parsers: ["p"],
    runners: ["r"],
  },
  modules: { count: 1, bytes: 2, hosts: ["x"] },
  permissions: {
    asked: { read: ["."], net: true },
    granted: { ffi: false },
    missing: { read: ["."], net: true },
  },
};

const samples: Readonly<Record<OutputName, readonly unknown[]>> = {
  run: [run],
  gate: [{ ...run, arithmetic: ["confidence = 100"] }],
  parse: [{
    format: "tap",
    complete: false,
    verdict: "unknown",
    tests: testCounts({ passed: 1 }),
    suite_errors: 0,
    diagnostics: 0,
    severities: { error: 0, warning: 0, info: 0 },
    declared: { tests: 3 },
    error: { code: "report_truncated", message: "no plan" },
    events: [anEvent({ file: "a.ts", line: 1, frames: [{ file: "a.ts" }], duration_ms: 0.5 })],
  }],
  diagnose: [{
    run_id: "01",
    state: "finished",
    recommendation: "blocked",
    diagnoses: [
      aDiagnosis({ file: "a.ts", line: 3, end_line: 4, excerpt: "> 3 | x" }),
      aDiagnosis({ annotations: [annotation] }),
    ],
    annotations: [{ ...annotation, ref: "deno_test:1" }],
  }],
  inspect: [inspected, { ...inspected, event: null, problems: [anEvent()] }],
  "inspect-run": [{
    run_id: "01",
    attempts: [{
      ...inspected,
      annotated: [{ annotator: "blame", written: 2, removed: 0, failed: false }],
    }],
  }],
  journal: [
    {
      type: "planned",
      at: "2026-01-02T03:04:05.000Z",
      run_id: "R",
      seq: 1,
      verb: "verify",
      commands: [{ name: "test", kind: "test", required: true }],
    },
    { type: "started", at: "2026-01-02T03:04:05.000Z", attempt: run.attempts[0]! },
    {
      type: "output",
      at: "2026-01-02T03:04:05.000Z",
      attempt_id: "A",
      stream: "stdout",
      from: 0,
      bytes: 3,
    },
    {
      type: "finished",
      at: "2026-01-02T03:04:05.000Z",
      attempt_id: "A",
      exit_code: null,
      signal: "SIGKILL",
      timed_out: true,
      cancelled: false,
      duration_ms: 1,
    },
    { type: "settled", at: "2026-01-02T03:04:05.000Z", attempt: run.attempts[0]! },
    {
      type: "gates",
      at: "2026-01-02T03:04:05.000Z",
      gates: run.gates,
      confidence: 100,
      threshold: 94,
      recommendation: "ready_for_review",
    },
    {
      type: "closed",
      at: "2026-01-02T03:04:05.000Z",
      run_id: "R",
      state: "finished",
      duration_ms: 1,
    },
  ],
  history: [{ runs: [run], unreadable: [{ run_id: "01X", problem: "no" }] }, {
    runs: [],
    unreadable: [],
  }],
  hook: [{
    folder: "/p/.git/hooks",
    hooks: [
      {
        hook: "pre-commit",
        file: "/p/.git/hooks/pre-commit",
        state: "ours",
        chained: true,
        action: "installed",
      },
      { hook: "pre-push", file: "/p/.git/hooks/pre-push", state: "none", chained: false },
    ],
    warnings: [],
  }],
  "hook-restore": [{ restored: 2 }],
  "plugin-list": [{
    root: "/",
    modules: [modulePlugin, {
      ...modulePlugin,
      state: "not_trusted",
      provides: null,
      modules: null,
    }],
    plugins: [],
    runners: [],
    commands: [],
    dropped: [],
  }],
  "plugin-add": [
    { root: "/", plugin: modulePlugin, grant: "assay plugin …", files: [".assay/lock.json"] },
    { root: "/", plugin: { ...modulePlugin, isolation: "none" }, grant: null, files: [] },
  ],
  trust: [{
    root: "/p",
    file: "/home/me/.local/share/assay/trust.json",
    state: "not_trusted",
    changes: ["./x.ts: ./x.ts changed"],
    digest: "ab",
    plugins: [{
      url: "./x.ts",
      isolation: "none",
      permissions: { run: true },
      files: [{ url: "./x.ts", sha256: "ab" }],
      pinned: null,
      problem: null,
    }],
  }],
  "plugin-remove": [{
    root: "/",
    url: "./x.js",
    name: null,
    files: [".assay/config.toml"],
    problems: [],
  }],
  "plugin-update": [{
    root: "/",
    plugins: [{
      plugin: modulePlugin,
      changed: true,
      name_before: null,
      version_before: "1.0.0",
      modules: [
        {
          url: "https://x/y.ts",
          before: null,
          after: { sha256: "0".repeat(64), bytes: 1 },
        },
      ],
      redirects: [{ url: "https://x", before: "https://y", after: null }],
      isolation_before: "worker",
      granted_before: { read: true },
      provides_now: ["extension x"],
      provides_no_more: [],
    }],
    files: [],
  }],
  explain: [{
    name: "unit",
    kind: "test",
    source: "runner",
    description: null,
    command: "deno test",
    cwd: ".",
    extension_data: { env: { A: "1", files: [".env"] } },
    prepared: {
      command: "deno test",
      engines: [{ name: "bwrap", holds: ["network"] }],
      argv: ["sh", "-c", "deno test"],
      cwd: ".",
      timeout_ms: 600_000,
      extensions: run.attempts[0]!.extensions,
      failed: null,
      warnings: ["w"],
    },
    timeout_ms: 600_000,
    result_file: null,
    result_format: "exit-code",
    fail_on: "error",
    required: true,
    allow_no_tests: false,
    files: { globs: ["*.ts"], matching: 3, batches: 1 },
    lock: null,
    sandbox: { on_uncovered: "warn", declared: { network: "none" } },
    detected: null,
    why: "run by name",
    origin: { plugin: "own", file: ".assay/plugins.json", line: null, dialect: "runners" },
  }],
  doctor: [{
    ok: false,
    root: "/",
    checks: [{ name: "git", ok: false, found: "no", hint: "get it" }],
  }],
  "sandbox-doctor": [{
    root: "/",
    engines: [{
      name: "bwrap",
      source: "built-in",
      priority: 30,
      capabilities: ["network"],
      works: true,
      detail: "a denied write failed",
      guarantees: [
        { dimension: "network", value: "none", support: "full", why: null },
        { dimension: "pids", value: null, support: "missing", why: "no" },
      ],
      obtain: null,
    }],
    warnings: [],
  }],
  "sandbox-explain": [{
    name: "unit",
    kind: "test",
    source: "runner",
    preset: "test",
    on_uncovered: "fail",
    dimensions: [{ dimension: "network", declared: "none", enforced_by: "bwrap", caveat: "c" }],
    grade: "sealed",
    engines: [{ name: "bwrap", priority: 30, holds: ["network"] }],
    refused: [{ engine: "systemd", why: "no" }],
    failed: null,
    cwd: ".",
    argv: ["bwrap", "--", "sh", "-c", "true"],
    files: [{ path: "/filter", bytes: 8 }],
    warnings: [],
  }],
  error: [
    errorRecord(new UserError("no")),
    errorRecord(new UserErrors([new UserError("no", { file: "a", line: 1, column: 2, key: "k" })])),
  ],
};

for (const name of outputNames) {
  Deno.test(`the schema of ${name} takes what is printed, and nothing else`, () => {
    for (const sample of samples[name]) {
      const printed = JSON.parse(JSON.stringify(sample));
      const result = v.safeParse(outputs[name], printed);
      assertEquals(
        result.issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`),
        undefined,
      );
      assertEquals(v.safeParse(outputs[name], { ...printed, extra: 1 }).success, false);
      const [first = ""] = Object.keys(printed);
      const { [first]: _, ...less } = printed;
      assertEquals(v.safeParse(outputs[name], less).success, false);
    }
  });

  Deno.test(`the JSON Schema of ${name} is of draft 2020-12 and closed`, async () => {
    const schema = await outputSchema(name);
    assertEquals(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    for (const one of (schema.anyOf ?? schema.oneOf ?? [schema]) as typeof schema[]) {
      assertEquals([one.type, one.additionalProperties], ["object", false]);
      assert(Array.isArray(one.required) && one.required.length > 0);
    }
  });
}

Deno.test("a wrong value is refused", () => {
  const wrong = { ...run, confidence: 101 };
  assertEquals(v.safeParse(outputs.run, wrong).success, false);
});
