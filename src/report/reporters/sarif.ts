/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; § below are its sections).
 *
 * One run of the tool `assay`; one result per problem, with the rule of the tool that found it. Files are
 * relative to `%SRCROOT%`, which the reader has to know (§3.14.14). A check that could not be run or read is both a
 * result and a notification, and makes the invocation unsuccessful.
 *
 * @module
 */

import { type Finding, findings, isGreen } from "./_findings.ts";
import { isInProject, line as oneLine, lines } from "./_text.ts";
import { jsonText } from "../../text/clean.ts";
import type { RunReport } from "./types.ts";

const schema =
  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** Notifications are limited: the results include them all. */
const noticeLimit = 100;

/** One JSON object, a line per result; the rules follow the results that name them. */
export function* render(report: RunReport): Generator<string> {
  const rules = new Map<string, { readonly index: number; readonly tool: string }>();
  const notices: ReturnType<typeof noticeOf>[] = [];
  yield `{"$schema":${jsonText(schema)},"version":"2.1.0","runs":[{"results":[`;
  let before = "\n";
  for (const finding of findings(report)) {
    const { rule, tool } = finding;
    if (!rules.has(rule)) rules.set(rule, { index: rules.size, tool });
    yield `${before}${jsonText(resultOf(finding, rules.get(rule)!.index))}`;
    before = ",\n";
    if (finding.isUnknown && notices.length < noticeLimit) notices.push(noticeOf(finding));
  }
  const { run } = report;
  const driver = {
    name: "assay",
    version: run.assay_version,
    semanticVersion: run.assay_version,
    rules: Array.from(rules, ([id, { tool }]) => ({
      id,
      shortDescription: {
        text: id.startsWith("assay/")
          ? id.slice("assay/".length).replaceAll("-", " ")
          : `${id} (${tool})`,
      },
    })),
  };
  const rest = {
    tool: { driver },
    invocations: [invocationOf(report, notices)],
    automationDetails: { id: `assay/${run.verb}/${run.run_id}` },
    originalUriBaseIds: { "%SRCROOT%": { description: { text: "The root of the project." } } },
    columnKind: "unicodeCodePoints",
    properties: {
      recommendation: run.recommendation,
      confidence: run.confidence,
      commit: run.commit,
      branch: run.branch === null ? null : oneLine(run.branch),
      tree: run.tree,
    },
  };
  yield `\n],\n${jsonText(rest).slice(1)}]}\n`;
}

function resultOf(finding: Finding, ruleIndex: number) {
  const { rule, level, message, details, fingerprint, ref, tool } = finding;
  const more = lines(details, 8_000);
  return {
    ruleId: rule,
    ruleIndex,
    level,
    message: { text: more === "" || more === message ? message : `${message}\n${more}` },
    locations: [locationOf(finding)],
    partialFingerprints: { "assayIdentity/v1": fingerprint.toWellFormed() },
    properties: { tool, ref },
  };
}

function locationOf({ place }: Finding) {
  const { file, line, column, end_line, end_column } = place;
  // GitHub always requires a line.
  const start = { startLine: line ?? 1, startColumn: column };
  const region = { ...start, endLine: end_line, endColumn: end_column };
  return { physicalLocation: { artifactLocation: artifactOf(file), region } };
}

/** § 3.4.3: a URI reference; absolute for files outside the project. */
function artifactOf(file: string) {
  const segments = file.split("/").map(encodeURIComponent);
  if (isInProject(file)) return { uri: segments.join("/"), uriBaseId: "%SRCROOT%" };
  if (file.startsWith("/")) return { uri: `file://${segments.join("/")}` };
  // Neither: a path above the root, or a name made up by a tool, such as `<string>`.
  return { uri: segments.join("/") };
}

function noticeOf(finding: Finding) {
  const { level, message, rule } = finding;
  return {
    level,
    message: { text: message },
    descriptor: { id: rule },
    locations: [locationOf(finding)],
  };
}

/** § 3.20.14: successful if assay could do what it was asked; finding problems is not a failure. */
function invocationOf({ run }: RunReport, notices: readonly { readonly level: string }[]) {
  const failed = !isGreen(run) && (run.state !== "finished" || run.recommendation === "blocked" ||
    notices.some(({ level }) => level === "error"));
  const start = Date.parse(run.started_at);
  return {
    executionSuccessful: !failed,
    startTimeUtc: run.started_at,
    endTimeUtc: new Date(start + run.duration_ms).toISOString(),
    ...(notices.length > 0 ? { toolExecutionNotifications: notices } : {}),
  };
}
