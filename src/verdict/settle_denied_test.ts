import { assertEquals } from "@std/assert";
import type { Denial, ReasonCode, TestCounts, Verdict } from "../model.ts";
import { settle } from "./settle.ts";
import type { ReportFacts, SettleInput } from "./types.ts";

const noTests: TestCounts = { total: 0, passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };

const report = (part: Partial<ReportFacts> = {}): ReportFacts => ({
  state: "read",
  tests: { ...noTests, total: 3, passed: 3 },
  severities: { error: 0, warning: 0, info: 0 },
  suiteErrors: 0,
  ...part,
});

const exitCodeOnly: SettleInput = {
  kind: "build",
  resultFormat: "exit-code",
  holdsTests: false,
  exitCode: 0,
  signal: null,
  timedOut: false,
  cancelled: false,
  failOn: "error",
  allowNoTests: false,
};

const tested: SettleInput = {
  ...exitCodeOnly,
  kind: "test",
  resultFormat: "junit-xml",
  holdsTests: true,
  report: report(),
};

const failed = report({ tests: { ...noTests, total: 3, passed: 2, failed: 1 } });
const missing = report({ state: "missing", tests: noTests, message: "why" });
const crashed = { exitCode: null, signal: "SIGSEGV" };
const killedLate = { exitCode: null, signal: "SIGKILL" };

const denial = (dimension: string, part: Partial<Denial> = {}): Denial => ({
  dimension,
  evidence: "e",
  ...part,
});
const unreached = [denial("network", { subject: "a.example" })];
const cpuKill = [denial("cpu", { killed: true })];
const memoryKill = [denial("memory", { killed: true })];

type Row = readonly [string, SettleInput, Verdict, ...ReasonCode[]];

const rows: readonly Row[] = [
  ["denied, exit 0", { ...tested, denials: unreached }, "pass", "ok"],
  [
    "a process of it was killed for memory, exit 0",
    { ...exitCodeOnly, denials: memoryKill },
    "fail",
    "oom",
  ],
  [
    "a process of it was killed for time, exit 0",
    { ...tested, denials: [...cpuKill, ...unreached] },
    "fail",
    "sandbox_denied",
  ],
  [
    "denied, exit 1",
    { ...exitCodeOnly, exitCode: 1, denials: unreached },
    "fail",
    "sandbox_denied",
    "exit_nonzero",
  ],
  [
    "denied, a clean report and exit 1: no contradiction",
    { ...tested, exitCode: 1, denials: unreached },
    "fail",
    "sandbox_denied",
    "exit_nonzero",
  ],
  [
    "denied, and tests failed",
    { ...tested, exitCode: 1, report: failed, denials: unreached },
    "fail",
    "sandbox_denied",
    "tests_failed",
  ],
  [
    "denied, tests failed and exit 0",
    { ...tested, report: failed, denials: unreached },
    "fail",
    "disagreement",
    "tests_failed",
  ],
  [
    "denied, report missing",
    { ...tested, exitCode: 1, report: missing, denials: unreached },
    "fail",
    "sandbox_denied",
    "exit_nonzero",
    "report_missing",
  ],
  [
    "denied, and crashed for a reason of its own",
    { ...exitCodeOnly, ...crashed, denials: unreached },
    "fail",
    "sandbox_denied",
    "killed",
  ],
  [
    "denied time and killed for it",
    { ...exitCodeOnly, ...killedLate, denials: cpuKill },
    "fail",
    "sandbox_denied",
  ],
  [
    "denied time and killed for it, as a shell tells it",
    { ...exitCodeOnly, exitCode: 152, denials: cpuKill },
    "fail",
    "sandbox_denied",
  ],
  [
    "a part of it was killed for time, and it crashed",
    { ...exitCodeOnly, ...crashed, denials: cpuKill },
    "fail",
    "sandbox_denied",
    "killed",
  ],
  [
    "killed for memory by its limit",
    { ...exitCodeOnly, exitCode: 137, denials: memoryKill },
    "fail",
    "oom",
  ],
  [
    "a part of it was killed for memory, exit 1",
    { ...exitCodeOnly, exitCode: 1, denials: [...memoryKill, ...unreached] },
    "fail",
    "oom",
    "sandbox_denied",
  ],
  ["a part was killed for memory, exit 0", { ...tested, denials: memoryKill }, "fail", "oom"],
  [
    "memory was refused and nothing killed",
    { ...exitCodeOnly, exitCode: 1, denials: [denial("memory")] },
    "fail",
    "sandbox_denied",
    "exit_nonzero",
  ],
  [
    "denied, and timed out",
    { ...exitCodeOnly, ...killedLate, timedOut: true, denials: unreached },
    "fail",
    "timeout",
    "sandbox_denied",
  ],
  [
    "denied, and cancelled",
    { ...exitCodeOnly, ...killedLate, cancelled: true, denials: unreached },
    "unknown",
    "cancelled",
  ],
];

for (const [name, input, verdict, ...codes] of rows) {
  Deno.test(`settle: ${name}`, () => {
    const settled = settle(input);
    assertEquals(settled.reasons.map(({ code }) => code), codes);
    assertEquals(settled.verdict, verdict);
  });
}

const messages: readonly (readonly [SettleInput, string])[] = [
  [
    { ...exitCodeOnly, exitCode: 1, denials: [...unreached, denial("pids")] },
    "denied by its sandbox: network, a.example (e); pids (e)",
  ],
  [
    { ...exitCodeOnly, exitCode: 1, denials: Array(5).fill(denial("pids")) },
    "denied by its sandbox: pids (e); pids (e); pids (e); and 2 more",
  ],
  [
    { ...exitCodeOnly, exitCode: 152, denials: cpuKill },
    "denied by its sandbox: cpu (e), ended by SIGXCPU",
  ],
];

for (const [input, message] of messages) {
  Deno.test(`settle says: ${message}`, () => {
    assertEquals(settle(input).reasons[0]?.message, message);
  });
}
