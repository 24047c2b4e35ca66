/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; § below are its sections).
 *
 * Levels: `error`, `warning`, `note` (info) and `none` (info). Results of the kinds `pass` and `notApplicable`
 * are no problems and are left out, as are those that a baseline calls `absent`; `informational` is info, `open`
 * and `review` are warnings. A suppressed result is info.
 *
 * @module
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { readDocument } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { artifactFile, type KnownRules, messageText, ruleIndex, ruleOf } from "./_sarif_lookup.ts";

/** Reads a SARIF log. */
export async function* parse(input: ReadableStream<Uint8Array>, context: ParseContext) {
  yield* readDocument(input, context, events);
}

const levels = ["none", "note", "warning", "error"] as const;
type Level = typeof levels[number];

const kinds = ["fail", "pass", "notApplicable", "informational", "open", "review"] as const;

const severityOf: Readonly<Record<Level, Severity>> = {
  none: "info",
  note: "info",
  warning: "warning",
  error: "error",
};

function* events(root: JsonNode, context: ParseContext): Generator<ReportEvent> {
  if (!/^2\.1\.0\b/.test(root.text("version"))) root.get("version").fail('"2.1.0"');
  let runs = 0;
  for (const run of root.list("runs")) {
    runs++;
    yield* runEvents(run, context);
  }
  // A run without results says nothing of what was analysed: § 3.14.15 lets it leave out its artifacts.
  if (runs === 0) yield { kind: "nothing_checked", message: "the log holds no run" };
}

function* runEvents(run: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const tool = run.object("tool").object("driver").text("name");
  for (const invocation of run.listIf("invocations")) {
    yield* invocationEvents(invocation, run, tool, context);
  }
  // § 3.14.23: no results at all is not the same as an empty list of them.
  if (!run.has("results")) {
    const elsewhere = run.hintObject("externalPropertyFileReferences").has("results");
    const why = elsewhere ? "keeps its results in other files" : "holds no list of results";
    yield suiteErrorEvent({ message: `the run of ${tool} ${why}: it proves nothing`, name: tool });
    return;
  }
  const known: KnownRules = new Map();
  for (const result of run.list("results")) {
    const event = resultEvent(result, run, ruleOf(result, run, known), context);
    if (event) yield event;
  }
}

function resultEvent(
  result: JsonNode,
  run: JsonNode,
  rule: JsonNode | undefined,
  context: ParseContext,
): ReportEvent | undefined {
  const kind = result.has("kind") ? result.word("kind", kinds) : "fail";
  const isNoProblem = kind === "pass" || kind === "notApplicable";
  if (isNoProblem || result.textIf("baselineState") === "absent") return undefined;
  const location = [...result.listIf("locations")][0];
  const physical = location?.hintObject("physicalLocation");
  const region = physical?.hintObject("region");
  return diagnosticEvent({
    severity: isSuppressed(result) ? "info" : severity(result, run, kind, rule),
    message: messageText(result.object("message"), rule, run),
    rule: result.hintText("ruleId") ?? rule?.hintText("id"),
    tool: run.object("tool").object("driver").text("name"),
    file: physical && artifactFile(physical.hintObject("artifactLocation"), run, context),
    line: region?.hintNumber("startLine"),
    column: region?.hintNumber("startColumn"),
    endLine: region?.hintNumber("endLine"),
    endColumn: region?.hintNumber("endColumn"),
  });
}

/** § 3.27.10: the result's own level, else the configuration's, else the rule's, else `warning`. */
function severity(
  result: JsonNode,
  run: JsonNode,
  kind: typeof kinds[number],
  rule: JsonNode | undefined,
): Severity {
  const own = result.has("level") ? result.word("level", levels) : undefined;
  if (kind === "informational") return "info";
  if (kind === "open" || kind === "review") return own === "error" ? "error" : "warning";
  return severityOf[own ?? overriddenLevel(result, run, rule) ?? defaultLevel(rule)];
}

function defaultLevel(rule: JsonNode | undefined): Level {
  const configuration = rule?.objectIf("defaultConfiguration");
  return configuration?.has("level") ? configuration.word("level", levels) : "warning";
}

/** § 3.20.5: how the tool was told to report a rule. */
function overriddenLevel(
  result: JsonNode,
  run: JsonNode,
  rule: JsonNode | undefined,
): Level | undefined {
  const id = rule?.hintText("id") ?? result.hintText("ruleId");
  const index = ruleIndex(result);
  for (const invocation of run.listIf("invocations")) {
    for (const override of invocation.listIf("ruleConfigurationOverrides")) {
      if (!override.isObject) override.fail("an object");
      const descriptor = override.hintObject("descriptor");
      const byId = id !== undefined && descriptor.hintText("id") === id;
      const byIndex = index !== undefined && descriptor.hintNumber("index") === index;
      const configuration = override.hintObject("configuration");
      if ((byId || byIndex) && configuration.has("level")) {
        return configuration.word("level", levels);
      }
    }
  }
  return undefined;
}

/** § 3.27.23: suppressed when there are suppressions and none of them waits or was rejected. */
function isSuppressed(result: JsonNode): boolean {
  const states = Array.from(result.listIf("suppressions"), (each) => each.get("status").value);
  return states.length > 0 &&
    states.every((status) => status === undefined || status === "accepted");
}

function* invocationEvents(
  invocation: JsonNode,
  run: JsonNode,
  tool: string,
  context: ParseContext,
): Generator<ReportEvent> {
  const succeeded = invocation.flagIf("executionSuccessful") ??
    invocation.get("executionSuccessful").fail("true or false");
  const notices = ["toolExecutionNotifications", "toolConfigurationNotifications"]
    .flatMap((key) => [...invocation.listIf(key)]);
  const told = notices.filter((notice) =>
    notice.has("level") && notice.word("level", levels) === "error"
  );
  for (const notice of told) {
    const location = [...notice.listIf("locations")][0]?.hintObject("physicalLocation");
    yield suiteErrorEvent({
      message: messageText(notice.hintObject("message"), undefined, run),
      name: tool,
      file: location && artifactFile(location.hintObject("artifactLocation"), run, context),
      line: location?.hintObject("region").hintNumber("startLine"),
    });
  }
  if (succeeded || told.length > 0) return;
  const why = invocation.hintText("exitCodeDescription");
  yield suiteErrorEvent({ message: `${tool} did not run to its end${why ? `: ${why}` : ""}` });
}
