/** Diagnoses of what became of a command itself: not found, stopped, crashed, no usable report. */

import type {
  Attempt,
  Denial,
  Diagnosis,
  DiagnosisSeverity,
  Reason,
  ReasonCode,
} from "../model.ts";
import { categoryOf, type Draft, exitIsUnexplained, severityFor } from "./_event_drafts.ts";

/** Reasons beside which all others only follow: nothing ran, or something stopped it. */
const roots: readonly ReasonCode[] = [
  "interrupted",
  "cancelled",
  "prepare_failed",
  "lock_timeout",
  "sandbox_unenforced",
  "tool_missing",
  "timeout",
  "oom",
  "killed",
];

/** Reasons that say more than that the sandbox denied something. */
const besideDenials: readonly ReasonCode[] = ["sandbox_denied", "collection_error", "disagreement"];

/** Reasons the events speak for, while there are any. */
const explainedByEvents: readonly ReasonCode[] = [
  "tests_failed",
  "diagnostics_found",
  "collection_error",
];

/**
 * Diagnoses of the command. Each reason gives at most one, and none when another stands for it.
 *
 * @param explained whether events give diagnoses that say why it did not pass
 */
export function commandDrafts(attempt: Attempt, explained: boolean): Draft[] {
  if (attempt.state !== "finished") {
    const message = attempt.state === "interrupted" ? "it was interrupted" : "it has not ended";
    return [draftOf(attempt, { code: "interrupted", message })];
  }
  const drafts = reasonsToRepair(attempt, explained).map((reason) => draftOf(attempt, reason));
  if (drafts.length > 0 || explained) return drafts;
  // A command that did not pass is never without a diagnosis.
  const [first] = attempt.reasons;
  return [draftOf(attempt, first ?? { code: "report_missing", message: "no reason was recorded" })];
}

function reasonsToRepair(attempt: Attempt, explained: boolean): readonly Reason[] {
  const { reasons, verdict } = attempt;
  const denied = reasons.filter(({ code }) => code === "sandbox_denied");
  const root = reasons.find(({ code }) => roots.includes(code));
  if (root) return [root, ...denied];
  const own = reasons.filter(({ code }) => !(explained && explainedByEvents.includes(code)));
  // Why it failed; that it failed, and left no report, only follows.
  if (denied.length > 0) return own.filter(({ code }) => besideDenials.includes(code));
  const exit = own.find(({ code }) => code === "exit_nonzero");
  if (!exit) return explained && exitIsUnexplained(attempt) ? [] : own;
  // A command that failed explains why it left no report or no tests, not the other way round.
  if (verdict === "fail") return explained ? [] : [exit];
  return own.filter((reason) => reason !== exit);
}

/** What a reason is made into. */
interface Entry {
  readonly category: Diagnosis["category"];
  readonly severity: DiagnosisSeverity;
  readonly task: string;
}

function draftOf(attempt: Attempt, { code, message: whole }: Reason): Draft {
  const [message = "", ...rest] = whole.split("\n");
  const reason = { code, message };
  const paste = rest.join("\n");
  const { category, severity, task } = entryOf(attempt, reason);
  const place = category === "unreadable_report" ? reportPlace(attempt, reason) : {};
  return {
    attempt,
    category,
    severity: severityFor(attempt, severity),
    explains: true,
    title: `${attempt.name}: ${titleOf(attempt, reason)}`,
    task,
    ...place,
    ...(paste === "" ? {} : { paste }),
    frames: [],
    count: 1,
    refs: [attempt.ref],
    cluster: `${reason.code}:${attempt.name}`,
    sources: { atPlace: "line" in place, ofOutput: true },
  };
}

/** What looks like success to the shell: the exit code is 0, and the report is never finished. */
const earlyEnd =
  "something that ends the process early, such as pytest.exit(returncode=0), os._exit(0) or process.exit()";

/** A command that failed and left no report: both in one sentence. */
function titleOf({ reasons }: Attempt, { code, message }: Reason): string {
  if (code !== "exit_nonzero") return message;
  const rest = reasons.filter((each) =>
    each.code.startsWith("report_") || each.code === "no_tests"
  );
  return [message, ...rest.map((each) => each.message)].join("; ");
}

/** The report, and the line the reason names. */
function reportPlace(
  { result_file: file, output_file: output }: Attempt,
  { message }: Reason,
): Pick<Diagnosis, "file" | "line" | "column"> {
  const path = file ?? output;
  if (path === null) return {};
  const [, line, column] = /\bline (\d+)(?:, column (\d+))?/.exec(message) ?? [];
  return {
    file: path,
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}

function entryOf(attempt: Attempt, { code, message }: Reason): Entry {
  const { name: id, result_format: format } = attempt;
  const report = attempt.result_file ?? "standard output";
  switch (code) {
    case "interrupted":
      return environment("Run assay verify again: this run decided nothing.");
    case "cancelled":
      return {
        category: "environment",
        severity: "warning",
        task: `Run ${id} again once what stopped the run is repaired.`,
      };
    case "prepare_failed":
      return environment(`Repair the configuration of ${id}, or the plugin that prepares it.`);
    case "lock_timeout":
      return environment(`See what holds the lock ${id} waits for, or raise [locks] timeout.`);
    case "sandbox_unenforced":
      return environment(`Install an engine that enforces it, or let ${id} warn only.`);
    case "tool_missing":
      return missing(missingTool(attempt), attempt);
    case "timeout":
      return {
        category: "timeout",
        severity: "blocker",
        task: `Find what ${id} waits for in its last output, or raise its timeout.`,
      };
    case "oom":
      return crash(outOfMemory(attempt));
    case "sandbox_denied":
      return {
        category: "environment",
        severity: "critical",
        task: whatToAllow(attempt),
      };
    case "killed":
      return crash(`Find out what killed ${id}: run its command alone and look at its end.`);
    case "report_missing":
      return unreadable(
        `Make ${id} write ${report} as ${format}, where assay looks for it` +
          (attempt.exit_code === 0 ? `; if it does, look for ${earlyEnd}.` : "."),
      );
    case "report_stale":
      return unreadable(`Make ${id} write ${report} anew each time, and delete the old one.`);
    case "report_malformed":
      return unreadable(`Check that ${id} writes ${format} to ${report}, and nothing else.`);
    case "report_truncated":
      return unreadable(
        `Find out why ${report} breaks off: a crash, a full disk, a limit, or ${earlyEnd}.`,
      );
    case "report_overwritten":
      return unreadable(
        `Find what still writes ${report} after ${id} has ended, and end it with the command.`,
      );
    case "report_too_large":
      return unreadable(`Make ${id} write a smaller report, or split it into several runners.`);
    case "uncounted":
      if (message.startsWith("no test of ")) {
        return noEvidence("Find what ends the file before its tests do, such as process.exit.");
      }
      return noEvidence(
        `Make ${id} write a report that assay reads, or declare that its exit code is all there is.`,
      );
    case "nothing_checked":
      return noEvidence(
        `Make ${id} look at the project's files and list the clean ones too: it ignored or matched none, or an ` +
          "option such as --quiet leaves them out of its report.",
      );
    case "no_runner":
      return noEvidence(
        "Add a runner that tests the project, or waive the test gate with a reason.",
      );
    case "not_needed":
      return { category: "no_evidence", severity: "info", task: `${id} was not needed.` };
    case "submodule_mismatch":
      return environment("Check out the submodule commits that are pinned, then run assay again.");
    case "disk_full":
      return environment("Free disk space, then run assay again.");
    case "resource_limit":
      return environment("Raise the limit that was reached, then run assay again.");
    case "no_tests":
      return noEvidence(`Make ${id} find its tests, or set allow_no_tests = true.`);
    case "all_skipped":
      return noEvidence(`Make at least one test of ${id} pass, or set allow_no_tests = true.`);
    case "disagreement":
      return disagreement(attempt);
    case "exit_nonzero":
    case "ok":
    case "tests_failed":
    case "diagnostics_found":
    case "collection_error":
      return failedCommand(attempt);
  }
}

function outOfMemory({ name: id, denials = [] }: Attempt): string {
  return denials.some(({ dimension }) => dimension === "memory")
    ? `Raise memory in the sandbox of ${id}, or let it do less at a time.`
    : `Give ${id} more memory, or let it do less at a time.`;
}

function missing(tool: string, { reasons }: Attempt): Entry {
  const found = reasons.some(({ code, message }) =>
    code === "tool_missing" && message.includes("may not be executed")
  );
  const task = found
    ? `Make ${tool} executable (chmod +x), or call it through its interpreter.`
    : `Install ${tool}${howToInstall(tool)}, or put it on PATH.`;
  return { category: "missing_tool", severity: "blocker", task };
}

/** Exit code and report contradict each other. */
function disagreement(attempt: Attempt): Entry {
  const { exit_code: exit, tests, suite_errors: errors, name: id, reasons } = attempt;
  if (exit !== 0) return failedCommand(attempt);
  const claims = reasons.some(({ code, message }) =>
    code === "disagreement" && message.startsWith("the report declares")
  );
  if (claims && tests.errored > 0) {
    const task = `The report of ${id} is not finished: look for ${earlyEnd}.`;
    return { category: "unreadable_report", severity: "critical", task };
  }
  if (tests.failed + tests.errored + errors > 0) {
    // The failures have diagnoses of their own; this one is about the exit code alone.
    const task =
      `Let the command of ${id} hand on its tool's exit code: look for "|| true", ";", a pipe, or ` +
      `${earlyEnd}.`;
    return { category: "environment", severity: "warning", task };
  }
  return {
    category: "unreadable_report",
    severity: "critical",
    task: `Find the failures that the report of ${id} declares and does not show.`,
  };
}

function failedCommand(attempt: Attempt): Entry {
  return {
    category: categoryOf(attempt),
    severity: "critical",
    task: `Repair what the output of ${attempt.name} complains of: ${
      attempt.command.slice(0, 120)
    }`,
  };
}

function environment(task: string): Entry {
  return { category: "environment", severity: "blocker", task };
}

function crash(task: string): Entry {
  return { category: "crash", severity: "blocker", task };
}

function unreadable(task: string): Entry {
  return { category: "unreadable_report", severity: "blocker", task };
}

function noEvidence(task: string): Entry {
  return { category: "no_evidence", severity: "blocker", task };
}

// What to do about what a sandbox kept a command from.

/** Tasks of one diagnosis. */
const maxTasks = 3;

/** How to allow it, or to do without: a sentence for each limit that was met. */
function whatToAllow({ name: id, denials = [] }: Attempt): string {
  const first = new Map<string, Denial>();
  for (const denial of denials) {
    if (denial.dimension === "memory" && denial.killed) continue;
    if (!first.has(denial.dimension)) first.set(denial.dimension, denial);
  }
  const tasks = [...first.values()].slice(0, maxTasks).map((denial) => taskOf(denial, id));
  return tasks.join(" ") || `See what the sandbox of ${id} allows: assay sandbox explain ${id}.`;
}

function taskOf({ dimension, subject }: Denial, id: string): string {
  const it = subject ?? "it";
  switch (dimension) {
    case "filesystem":
    case "paths_writable":
      return `Name ${it} in paths_writable of the sandbox of ${id} (filesystem = "scoped_write" or ` +
        `"workspace_only"), or let the command write under TMPDIR.`;
    case "paths_hidden":
    case "tmpfs":
      return `Name ${it} in paths_readable of the sandbox of ${id}, or let the command do without.`;
    case "network":
    case "hosts":
      return `Widen network in the sandbox of ${id} so that it reaches ${subject ?? "its host"}, ` +
        `or let the command do without.`;
    case "memory":
      return `Raise memory in the sandbox of ${id}, or let it do less at a time.`;
    case "cpu":
      return `Raise cpu in the sandbox of ${id}, or let it do less.`;
    case "pids":
      return `Raise pids in the sandbox of ${id}, or let it start fewer processes and threads.`;
    case "processes":
      return `Set processes = "visible" in the sandbox of ${id}, or let it leave others' processes alone.`;
    default:
      return `Widen ${dimension} in the sandbox of ${id}, or let the command do without.`;
  }
}

// Which program was not found, and how one gets it.

/** How to install the programs runners often need. */
const installs: Readonly<Record<string, string>> = {
  bundle: "gem install bundler",
  bun: "npm install -g bun",
  cargo: "https://rustup.rs",
  deno: "https://docs.deno.com/runtime/getting_started/installation",
  eslint: "npm install --save-dev eslint",
  flake8: "python3 -m pip install flake8",
  git: "your system's package manager",
  go: "https://go.dev/dl",
  "golangci-lint": "https://golangci-lint.run/docs/welcome/install",
  gradle: "https://gradle.org/install",
  jest: "npm install --save-dev jest",
  make: "your system's package manager",
  mvn: "https://maven.apache.org/install.html",
  mypy: "python3 -m pip install mypy",
  node: "https://nodejs.org/en/download",
  npm: "https://nodejs.org/en/download",
  npx: "https://nodejs.org/en/download",
  php: "your system's package manager",
  pnpm: "npm install -g pnpm",
  pylint: "python3 -m pip install pylint",
  pytest: "python3 -m pip install pytest",
  python: "https://www.python.org/downloads",
  python3: "https://www.python.org/downloads",
  rspec: "gem install rspec",
  rubocop: "gem install rubocop",
  ruby: "https://www.ruby-lang.org/en/documentation/installation",
  ruff: "python3 -m pip install ruff",
  shellcheck: "your system's package manager",
  tsc: "npm install --save-dev typescript",
  uv: "https://docs.astral.sh/uv",
  vitest: "npm install --save-dev vitest",
  yarn: "npm install -g yarn",
};

/** The program's name: from the reason, which quotes it, else the first word of the command. */
function missingTool({ command, reasons }: Attempt): string {
  const message = reasons.find(({ code }) => code === "tool_missing")?.message ?? "";
  const quoted = /^"(.+)" /.exec(message)?.[1];
  return quoted ?? command.trim().split(/\s+/).find((word) => !/^\w+=/.test(word)) ?? command;
}

/** How to install a program, as the end of a sentence; empty when assay does not know it. */
function howToInstall(tool: string): string {
  const name = tool.slice(tool.lastIndexOf("/") + 1);
  return Object.hasOwn(installs, name) ? ` (${installs[name]})` : "";
}
