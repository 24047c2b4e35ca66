/**
 * SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html; § below are its sections).
 *
 * Levels: `error`, `warning`, `note` (info) and `none` (info). Results of the kinds `pass` and `notApplicable`
 * are not problems and are left out, as are those that a baseline calls `absent`; `informational` is info, `open`
 * and `review` are warnings. A suppressed result is info.
 */

import type { ParseContext, ReportEvent, Severity } from "../../src/plugin.ts";
import { diagnosticEvent, suiteErrorEvent } from "./_events.ts";
import { jsonReports } from "./_json.ts";
import type { JsonNode } from "./_json_node.ts";
import { isAbsolute, join } from "@std/path";
import { type Places, sourceFile } from "./_source_file.ts";

export const parse = jsonReports(events);

const kinds = ["fail", "pass", "notApplicable", "informational", "open", "review"] as const;

const severityOf: Readonly<Record<string, Severity>> = {
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
  // A run without results does not say what was analysed: § 3.14.15 lets it leave out its artifacts.
  if (runs === 0) yield { kind: "nothing_checked", message: "the log contains no run" };
}

function* runEvents(run: JsonNode, context: ParseContext): Generator<ReportEvent> {
  const tool = run.object("tool").object("driver").text("name");
  for (const invocation of run.listIf("invocations")) {
    yield* invocationEvents(invocation, run, tool, context);
  }
  // § 3.14.23: no results at all is not the same as an empty list of them.
  const elsewhere = run.hintObject("externalPropertyFileReferences").has("results");
  if (elsewhere || !run.has("results")) {
    const why = elsewhere ? "keeps its results in other files" : "contains no list of results";
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
    ...region?.range("startLine", "startColumn", "endLine", "endColumn"),
  });
}

/** § 3.27.10: the result's own level, else the configuration's, else the rule's, else `warning`. */
function severity(
  result: JsonNode,
  run: JsonNode,
  kind: typeof kinds[number],
  rule: JsonNode | undefined,
): Severity {
  const own = levelOf(result);
  if (kind === "informational") return "info";
  if (kind === "open" || kind === "review") return own === "error" ? "error" : "warning";
  return own ?? overriddenLevel(result, run, rule) ??
    levelOf(rule?.objectIf("defaultConfiguration")) ?? "warning";
}

function levelOf(node: JsonNode | undefined): Severity | undefined {
  return node?.has("level") ? node.mapped("level", severityOf) : undefined;
}

/** § 3.20.5: how the tool was configured to report a rule. */
function overriddenLevel(
  result: JsonNode,
  run: JsonNode,
  rule: JsonNode | undefined,
): Severity | undefined {
  const id = rule?.hintText("id") ?? result.hintText("ruleId");
  const index = ruleIndex(result);
  for (const invocation of run.listIf("invocations")) {
    for (const override of invocation.listIf("ruleConfigurationOverrides")) {
      if (!override.isObject) override.fail("an object");
      const descriptor = override.hintObject("descriptor");
      const byId = id !== undefined && descriptor.hintText("id") === id;
      const byIndex = index !== undefined && descriptor.hintNumber("index") === index;
      const level = byId || byIndex ? levelOf(override.hintObject("configuration")) : undefined;
      if (level) return level;
    }
  }
  return undefined;
}

/** § 3.27.23: suppressed if there are suppressions and none of them is pending or rejected. */
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
  const failures = notices.filter((notice) => levelOf(notice) === "error");
  for (const notice of failures) {
    const location = [...notice.listIf("locations")][0]?.hintObject("physicalLocation");
    yield suiteErrorEvent({
      message: messageText(notice.hintObject("message"), undefined, run),
      name: tool,
      file: location && artifactFile(location.hintObject("artifactLocation"), run, context),
      line: location?.hintObject("region").hintNumber("startLine"),
    });
  }
  const ended = invocation.hintText("exitSignalName") ??
    invocation.hintText("processStartFailureMessage");
  if ((succeeded && ended === undefined) || failures.length > 0) return;
  const why = invocation.hintText("exitCodeDescription") ?? ended;
  yield suiteErrorEvent({ message: `${tool} did not run to its end${why ? `: ${why}` : ""}` });
}

// What a SARIF result refers to elsewhere in its run: its rule, its message's text, its file.

/** Rules of one run already looked up: there may be thousands, and a result for each. */
type KnownRules = Map<string, JsonNode | undefined>;

/** The descriptor of a result's rule, in the driver or in an extension; § 3.27.5 to 3.27.7. */
function ruleOf(result: JsonNode, run: JsonNode, known: KnownRules): JsonNode | undefined {
  const reference = result.hintObject("rule");
  const id = result.hintText("ruleId") ?? reference.hintText("id");
  const index = ruleIndex(result);
  const tool = run.hintObject("tool");
  const extension = reference.hintObject("toolComponent").hintNumber("index");
  const component = extension === undefined
    ? tool.hintObject("driver")
    : at(tool.get("extensions"), extension) ?? tool.hintObject("driver");
  const byIndex = index === undefined ? undefined : at(component.get("rules"), index);
  if (byIndex || id === undefined) return byIndex;
  const key = `${extension ?? ""} ${id}`;
  if (!known.has(key)) known.set(key, ruleById(component, id));
  return known.get(key);
}

/** The index of a result's rule, which may determine its level; -1 means none. */
function ruleIndex(result: JsonNode): number | undefined {
  for (const node of [result.get("ruleIndex"), result.hintObject("rule").get("index")]) {
    if (node.value === undefined || node.value === -1) continue;
    return Number.isSafeInteger(node.value) ? node.value as number : node.fail("an integer");
  }
  return undefined;
}

/** § 3.52.4: `CA1000/1` is described by the rule `CA1000` if it has no descriptor of its own. */
function ruleById(component: JsonNode, id: string): JsonNode | undefined {
  const parent = id.includes("/") ? id.slice(0, id.lastIndexOf("/")) : undefined;
  let found: JsonNode | undefined;
  for (const rule of component.listIf("rules")) {
    const own = rule.hintText("id");
    if (own === id) return rule;
    if (own !== undefined && own === parent) found = rule;
  }
  return found;
}

function at(list: JsonNode, index: number): JsonNode | undefined {
  if (!Array.isArray(list.value) || !Number.isSafeInteger(index) || index < 0) return undefined;
  const node = list.element(index);
  return node?.isObject ? node : undefined;
}

/** The text of a message, by itself or by its rule's or the driver's message strings; § 3.11. */
function messageText(message: JsonNode, rule: JsonNode | undefined, run: JsonNode): string {
  const id = message.hintText("id");
  const strings = id === undefined ? [] : [
    rule?.hintObject("messageStrings"),
    run.hintObject("tool").hintObject("driver").hintObject("globalMessageStrings"),
  ].flatMap((each) => each?.hintObject(id).hintText("text") ?? []);
  const text = message.hintText("text") ?? message.hintText("markdown") ?? strings[0] ??
    rule?.hintObject("shortDescription").hintText("text") ?? id ?? "";
  const args = message.hintTexts("arguments");
  return args.length === 0
    ? text
    : text.replace(/\{(\d{1,3})\}/g, (whole, index) => args[Number(index)] ?? whole);
}

/** The file of an artifact location, by its URI or by its index among the run's artifacts; § 3.4. */
function artifactFile(
  location: JsonNode,
  run: JsonNode,
  places: Places,
): string | undefined {
  const index = location.hintNumber("index");
  const listed = location.hintText("uri") === undefined && index !== undefined
    ? at(run.get("artifacts"), index)?.hintObject("location")
    : location;
  const uri = listed?.hintText("uri");
  if (!listed || uri === undefined) return undefined;
  if (/^[a-z][a-z0-9+.-]+:/i.test(uri)) return sourceFile(uri, places);
  const base = baseOf(listed.hintText("uriBaseId"), run);
  const path = decoded(uri);
  if (base.startsWith("file:")) return sourceFile(`${base.replace(/\/?$/, "/")}${uri}`, places);
  // A base without a place, such as %SRCROOT%, is the project's root.
  const root = listed.hintText("uriBaseId") === undefined ? places.cwd : places.root;
  return sourceFile(isAbsolute(path) ? path : join(root, decoded(base), path), places);
}

/** What a `uriBaseId` stands for, resolved through the bases it is relative to itself; § 3.14.14. */
function baseOf(id: string | undefined, run: JsonNode): string {
  let base = "";
  for (let next = id, steps = 0; next !== undefined && steps < 10; steps++) {
    const location: JsonNode = run.hintObject("originalUriBaseIds").hintObject(next);
    base = (location.hintText("uri") ?? "") + base;
    if (base.startsWith("file:")) break;
    next = location.hintText("uriBaseId");
  }
  return base;
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    // Not percent-encoded, against the standard: the name as written is the best guess.
    return uri;
  }
}
