/**
 * Readers of what reporters write, as the tools that take it judge: whether a report looks as if all were well.
 * They share no code with the reporters. What cannot be read does not look green.
 *
 * @module
 */

import { parsers } from "../../plugins/parsers/mod.ts";
import { needsTests, settle } from "../../src/verdict/settle.ts";
import type { Kind, Verdict } from "../../src/model.ts";
import { type ReportCounts } from "../../src/run/counts.ts";
import { readReport } from "../../src/run/read_report.ts";
import { stateOf } from "../../src/run/report.ts";

/** Whether a report looks green, by the name of its reporter. */
export const looksGreen: Readonly<Record<string, (text: string) => boolean | Promise<boolean>>> = {
  terminal: (text) => /^(READY|PASSED) {2}/.test(text.trimEnd().split("\n\n").at(-1)!),
  json: (text) => {
    const run = JSON.parse(text);
    return run.recommendation === "ready_for_review" && run.state === "finished";
  },
  jsonl: (text) => {
    const events = text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    const last = (type: string) => events.findLast((event) => event.type === type);
    return last("gates")?.recommendation === "ready_for_review" &&
      last("closed")?.state === "finished";
  },
  markdown: (text) => text.startsWith("## ✅ "),
  sarif: async (text) => {
    const { runs } = JSON.parse(text);
    // deno-lint-ignore no-explicit-any -- of a schema of 3,000 lines
    const isClean = runs.length > 0 && runs.every((run: any) =>
      // deno-lint-ignore no-explicit-any
      run.results.every((result: any) => (result.level ?? "warning") !== "error") &&
      // deno-lint-ignore no-explicit-any
      run.invocations.every((invocation: any) => invocation.executionSuccessful === true)
    );
    return isClean && await verdictOf("sarif", text, "lint") === "pass";
  },
  junit: async (text) =>
    !/<(failure|error)[\s/>]/.test(text) && await verdictOf("junit-xml", text, "test") === "pass",
  ctrf: async (text) => {
    const { summary, tests } = JSON.parse(text).results;
    // deno-lint-ignore no-explicit-any
    const failed = tests.filter(({ status }: any) => status === "failed" || status === "other");
    return summary.failed === 0 && summary.other === 0 && failed.length === 0 &&
      await verdictOf("generic-json", text, "test") === "pass";
  },
  rdjsonl: (text) =>
    text.split("\n").filter((line) => line !== "")
      .every((line) => JSON.parse(line).severity !== "ERROR"),
  github: (text) => !/^::error[ :]/m.test(text) && /^::notice /m.test(text),
  gitlab: (text) => {
    const bad = ["blocker", "critical", "major"];
    return JSON.parse(text).every(({ severity }: { severity: string }) => !bad.includes(severity));
  },
};

/** What assay's own parser counts in a report. */
export async function countsOf(format: string, text: string): Promise<ReportCounts> {
  return await readReport(
    parsers.find((parser) => parser.format === format)!,
    new Blob([text]).stream(),
    { root: "/p", cwd: "/p", source: "the report" },
    () => ({ identity: "i", cluster: "c" }),
    () => {},
  );
}

/** What assay itself would say of a command that exits with 0 and leaves this report. */
async function verdictOf(format: string, text: string, kind: Kind): Promise<Verdict> {
  const counts = await countsOf(format, text);
  const { holds } = parsers.find((parser) => parser.format === format)!;
  return settle({
    kind,
    resultFormat: format,
    holdsTests: needsTests(holds, kind),
    exitCode: 0,
    signal: null,
    timedOut: false,
    cancelled: false,
    failOn: "error",
    allowNoTests: false,
    report: { ...counts, ...stateOf(counts) },
  }).verdict;
}
