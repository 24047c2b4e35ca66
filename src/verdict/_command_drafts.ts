/** Diagnoses of what became of a command itself: not found, stopped, crashed, no usable report. */

import type {
  Attempt,
  Denial,
  Diagnosis,
  DiagnosisSeverity,
  Reason,
  ReasonCode,
} from "../model.ts";
import { defined } from "../text/values.ts";
import { categoryOf, type Draft, exitIsUnexplained, severityFor } from "./_event_drafts.ts";

/** Reasons that explain all others: nothing ran, or something stopped it. */
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
const shownWithDenials: readonly ReasonCode[] = [
  "sandbox_denied",
  "collection_error",
  "disagreement",
];

/** Reasons the events speak for, while there are any. */
const explainedByEvents: readonly ReasonCode[] = [
  "tests_failed",
  "diagnostics_found",
  "collection_error",
];

/**
 * Diagnoses of the command. Each reason gives at most one, and none when another one covers it.
 *
 * @param explained whether events give diagnoses that say why it did not pass
 */
export function commandDrafts(attempt: Attempt, explained: boolean): Draft[] {
  if (attempt.state !== "finished") {
    const message = attempt.state === "interrupted" ? "interrupted" : "has not ended";
    return [draftOf(attempt, { code: "interrupted", message })];
  }
  const drafts = reasonsToFix(attempt, explained).map((reason) => draftOf(attempt, reason));
  if (drafts.length > 0 || explained) return drafts;
  // A command that did not pass is never without a diagnosis.
  const [first] = attempt.reasons;
  return [draftOf(attempt, first ?? { code: "report_missing", message: "no reason was recorded" })];
}

function reasonsToFix(attempt: Attempt, explained: boolean): readonly Reason[] {
  const { reasons, verdict } = attempt;
  const denied = reasons.filter(({ code }) => code === "sandbox_denied");
  const root = reasons.find(({ code }) => roots.includes(code));
  if (root) return [root, ...denied];
  const own = reasons.filter(({ code }) => !(explained && explainedByEvents.includes(code)));
  // Why it failed; that it failed and left no report only follows.
  if (denied.length > 0) return own.filter(({ code }) => shownWithDenials.includes(code));
  const exit = own.find(({ code }) => code === "exit_nonzero");
  if (!exit) return explained && exitIsUnexplained(attempt) ? [] : own;
  // A command that failed explains why it left no report or no tests, not the other way round.
  if (verdict === "fail") return explained ? [] : [exit];
  return own.filter((reason) => reason !== exit);
}

function draftOf(attempt: Attempt, { code, message: whole }: Reason): Draft {
  const [message = "", ...rest] = whole.split("\n");
  const reason = { code, message };
  const paste = rest.join("\n");
  const { name: id, result_format: format, result_file } = attempt;
  const report = result_file ?? "standard output";
  const { category, severity, task } = entries[code]({
    attempt,
    id,
    format,
    report,
    message,
    paste,
  });
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
function earlyEnd({ command, result_format: format }: Attempt): string {
  const isPython = /pytest|python|django/.test(`${command} ${format}`);
  return `an early exit such as ${
    isPython ? "pytest.exit(returncode=0) or os._exit(0)" : "process.exit() or exit 0"
  }`;
}

/** A command that failed and left no report: both in one sentence. */
function titleOf({ reasons }: Attempt, { code, message }: Reason): string {
  if (code !== "exit_nonzero") return message;
  const rest = reasons.filter((each) =>
    each.code.startsWith("report_") || each.code === "no_tests"
  );
  return [message, ...rest.map((each) => each.message)].join("; ");
}

/** The report, and the line named in the reason. */
function reportPlace(
  { result_file: file, output_file: output }: Attempt,
  { message }: Reason,
): Pick<Diagnosis, "file" | "line" | "column"> {
  const path = file ?? output;
  if (path === null) return {};
  const [, line, column] = /\bline (\d+)(?:, column (\d+))?/.exec(message) ?? [];
  const number = (text: string | undefined) => text === undefined ? undefined : Number(text);
  return defined({ file: path, line: number(line), column: number(column) });
}

/** What a reason turns into. */
interface Entry {
  readonly category: Diagnosis["category"];
  readonly severity: DiagnosisSeverity;
  readonly task: string;
}

const blocking = (category: Entry["category"]) => (task: string): Entry => ({
  category,
  severity: "blocker",
  task,
});
const environment = blocking("environment");
const timeout = blocking("timeout");
const crash = blocking("crash");
const unreadable = blocking("unreadable_report");
const noEvidence = blocking("no_evidence");

/** An attempt, and the words for it. */
interface About {
  readonly attempt: Attempt;
  readonly id: string;
  readonly format: string;
  /** Where its report is. */
  readonly report: string;
  /** Of the reason, and what follows it. */
  readonly message: string;
  readonly paste: string;
}

const failed = ({ attempt }: About) => failedCommand(attempt);

const entries: Readonly<Record<ReasonCode, (about: About) => Entry>> = {
  interrupted: () => environment("Run assay verify again: this run has no result."),
  cancelled: ({ id }) => ({
    category: "environment",
    severity: "warning",
    task: `Run ${id} again once what stopped the run is fixed.`,
  }),
  prepare_failed: ({ id, message }) =>
    environment(
      grantText(message) ?? `Fix the configuration of ${id}, or the plugin that prepares it.`,
    ),
  lock_timeout: ({ id }) =>
    environment(`Find what holds the lock that ${id} waits for, or raise [locks] timeout.`),
  sandbox_unenforced: ({ id }) =>
    environment(
      `Install an engine that enforces it (assay sandbox doctor), or set on_uncovered = "warn" for ${id}.`,
    ),
  tool_missing: ({ attempt }) => missing(missingTool(attempt), attempt),
  timeout: ({ id }) =>
    timeout(`Check in its output what ${id} was waiting for, or raise its timeout.`),
  oom: ({ attempt }) => crash(outOfMemory(attempt)),
  sandbox_denied: ({ attempt }) => ({
    category: "environment",
    severity: "critical",
    task: whatToAllow(attempt),
  }),
  killed: ({ id }) =>
    crash(`Find what killed ${id}: run its command alone and look at the end of its output.`),
  report_missing: ({ id, report, format, attempt }) =>
    unreadable(
      `Make ${id} write ${report} as ${format}` +
        (attempt.exit_code === 0 ? `; if it does, look for ${earlyEnd(attempt)}.` : "."),
    ),
  report_stale: ({ id, report }) =>
    unreadable(`Delete the old ${report}, and make ${id} write it on every run.`),
  report_malformed: ({ id, report, format }) =>
    unreadable(`Check that ${id} writes ${format}, and nothing else, to ${report}.`),
  report_truncated: ({ report, attempt }) =>
    unreadable(
      `Find out why ${report} is cut short: a crash, a full disk, a limit, or ${
        earlyEnd(attempt)
      }.`,
    ),
  report_overwritten: ({ id, report }) =>
    unreadable(
      `Find what still writes ${report} after ${id} has ended, and stop it.`,
    ),
  report_too_large: ({ id }) =>
    unreadable(`Make ${id} write a smaller report, or split it into several runners.`),
  uncounted: ({ id, message, paste }) =>
    noEvidence(
      message.startsWith("no test of ")
        ? "Find what ends the file before its tests do, such as process.exit."
        : `Make ${id} write a report that assay can read, or ${
          paste === ""
            ? 'set result_format = "exit-code".'
            : `put this ${message.slice(message.lastIndexOf(", ") + 2)}:`
        }`,
    ),
  nothing_checked: ({ id }) =>
    noEvidence(
      `Make ${id} check the project's files: it ignored or matched none, or an option such as --quiet ` +
        "leaves clean files out of its report.",
    ),
  no_runner: () =>
    noEvidence("Add a runner that tests the project, or waive the test gate with a reason."),
  not_needed: ({ id }) => ({
    category: "no_evidence",
    severity: "info",
    task: `${id} was not needed.`,
  }),
  submodule_mismatch: () =>
    environment("Check out the pinned submodule commits, then run assay again."),
  disk_full: () => environment("Free disk space, then run assay again."),
  resource_limit: () => environment("Raise the limit that was reached, then run assay again."),
  no_tests: ({ id }) => noEvidence(`Make ${id} find its tests, or set allow_no_tests = true.`),
  all_skipped: ({ id }) =>
    noEvidence(`Make at least one test of ${id} pass, or set allow_no_tests = true.`),
  disagreement: ({ attempt }) => disagreement(attempt),
  exit_nonzero: failed,
  ok: failed,
  tests_failed: failed,
  diagnostics_found: failed,
  collection_error: failed,
};

function outOfMemory({ name: id, denials = [] }: Attempt): string {
  return denials.some(({ dimension }) => dimension === "memory")
    ? `Raise memory in the sandbox of ${id}, or make it use less.`
    : `Give ${id} more memory, or make it use less.`;
}

function missing(tool: string, { reasons }: Attempt): Entry {
  const found = reasons.some(({ code, message }) =>
    code === "tool_missing" && message.includes("is not executable")
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
    const task = `The report of ${id} is not finished: look for ${earlyEnd(attempt)}.`;
    return { category: "unreadable_report", severity: "critical", task };
  }
  if (tests.failed + tests.errored + errors > 0) {
    // The failures have diagnoses of their own; this one is about the exit code alone.
    const task =
      `Make the command of ${id} pass on its tool's exit code: look for "|| true", ";", a pipe, or ` +
      `${earlyEnd(attempt)}.`;
    return { category: "environment", severity: "warning", task };
  }
  return {
    category: "unreadable_report",
    severity: "critical",
    task: `Find the failures that the report of ${id} declares but does not show.`,
  };
}

function failedCommand(attempt: Attempt): Entry {
  return {
    category: categoryOf(attempt),
    severity: "critical",
    task: `Fix the problems that ${
      attempt.name === "run" ? "the command" : attempt.name
    } reports: ${attempt.command.slice(0, 120)}`,
  };
}

/** How to grant a plugin what it was refused; `undefined` where that is not the problem. */
function grantText(message: string): string | undefined {
  const [, name, what] = /not granted "(\w+)"(?: of "([^"]+)")?/.exec(message) ?? [];
  return name && `Add permissions = { ${name} = ${what === undefined ? "true" : `["${what}"]`} } ` +
      "below the url of its [[plugin]] in .assay/config.toml, then run assay trust.";
}

// What to do about what a sandbox denied.

/** Tasks of one diagnosis. */
const maxTasks = 3;

/** How to allow it, or do without: one sentence for each limit that was hit. */
function whatToAllow({ name: id, denials = [] }: Attempt): string {
  const first = new Map<string, Denial>();
  for (const denial of denials) {
    if (denial.dimension === "memory" && denial.killed) continue;
    if (!first.has(denial.dimension)) first.set(denial.dimension, denial);
  }
  const tasks = [...first.values()].slice(0, maxTasks).map(({ dimension, subject }) =>
    wider[dimension]?.(id, subject) ??
      `Allow it under ${dimension} in the sandbox of ${id}, or stop the command from needing it.`
  );
  return tasks.join(" ") || `See what the sandbox of ${id} allows: assay sandbox explain ${id}.`;
}

const writing = (id: string, it = "it") =>
  `Add ${it} to paths_writable of the sandbox of ${id} (filesystem = "scoped_write" or "workspace_only"), ` +
  "or make the command write under TMPDIR.";
const reading = (id: string, it = "it") =>
  `Add ${it} to paths_readable of the sandbox of ${id}, or stop the command from reading it.`;
const reaching = (id: string, it = "its host") =>
  `Let the sandbox of ${id} reach ${it} (network), or stop the command from using the network.`;

/** How each limit is widened. */
const wider: Readonly<Record<string, (id: string, it?: string) => string>> = {
  filesystem: writing,
  paths_writable: writing,
  paths_hidden: reading,
  tmpfs: reading,
  network: reaching,
  hosts: reaching,
  memory: (id) => `Raise memory in the sandbox of ${id}, or make it use less.`,
  cpu: (id) => `Raise cpu in the sandbox of ${id}, or make it do less.`,
  pids: (id) => `Raise pids in the sandbox of ${id}, or make it start fewer processes and threads.`,
  processes: (id) =>
    `Set processes = "visible" in the sandbox of ${id}, or make it leave other processes alone.`,
};

// Which program was not found, and how to get it.

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
  mocha: "npm install --save-dev mocha",
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

/** The program's name: quoted in the reason, else the first word of the command. */
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
