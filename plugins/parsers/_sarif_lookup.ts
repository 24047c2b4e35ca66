/**
 * What a SARIF result refers to elsewhere in its run: its rule, its message's text, its file.
 *
 * @module
 */

import { isAbsolute, join } from "@std/path";
import type { JsonNode } from "./_json_node.ts";
import { type Places, sourceFile } from "./_source_file.ts";

/** Rules of one run that were looked up before: there may be thousands, and a result for each. */
export type KnownRules = Map<string, JsonNode | undefined>;

/** The descriptor of a result's rule, in the driver or in an extension; § 3.27.5 to 3.27.7. */
export function ruleOf(result: JsonNode, run: JsonNode, known: KnownRules): JsonNode | undefined {
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

/** The index of a result's rule, on which its level may hang; -1 is none. */
export function ruleIndex(result: JsonNode): number | undefined {
  for (const node of [result.get("ruleIndex"), result.hintObject("rule").get("index")]) {
    if (node.value === undefined || node.value === -1) continue;
    return Number.isSafeInteger(node.value) ? node.value as number : node.fail("an integer");
  }
  return undefined;
}

/** § 3.52.4: `CA1000/1` is told by the rule `CA1000` when it has no descriptor of its own. */
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
export function messageText(message: JsonNode, rule: JsonNode | undefined, run: JsonNode): string {
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
export function artifactFile(
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
    // Not percent-encoded, against the standard: the name as it stands is the best guess.
    return uri;
  }
}
