/** The independent readers of formats that go line by line: TAP, go test -json, Cargo's messages and libtest. */

import { isObject, type Json } from "./json_shape.ts";
import { badName, countOf, must, Tally } from "./objection.ts";

/** Objects to what cannot be a pass in a document of one of the line formats. */
export function readLines(format: string, kind: "test" | "lint", bytes: Uint8Array): void {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  if (format === "tap") readTap(lines);
  else if (format === "go-test-json") readGo(lines.flatMap(separated));
  else if (format === "cargo-json") readCargo(lines.flatMap(separated), kind);
  else readText(lines);
}

interface Level {
  seen: number;
  plan: number | undefined;
}

/** TAP 12 to 14: a plan, test points, subtests that are indented by four. */
function readTap(lines: readonly string[]): void {
  const tally = new Tally();
  const levels: Level[] = [];
  // A YAML block follows a test point, indented by two more; what is indented less is no longer in it.
  let lastPoint: string | undefined;
  let yaml: string | undefined;
  let failures = 0;
  let todos = 0;
  const close = (depth: number) => {
    while (levels.length > depth) {
      const level = levels.pop();
      if (level === undefined || level.seen === 0 && level.plan === undefined) continue;
      must(level.plan !== undefined, "unreadable", "no plan");
      must(level.seen >= level.plan, "contradiction", "fewer tests than planned");
      must(level.seen <= level.plan, "contradiction", "more tests than planned");
    }
  };
  for (const written of lines) {
    // deno-lint-ignore no-control-regex
    const line = written.replace(/\x1b\[[\d;]*m/g, "");
    const indent = /^ */.exec(line)![0];
    const text = line.slice(indent.length).trimEnd();
    if (yaml !== undefined && (text === "" || indent.length >= yaml.length)) {
      if (text === "..." && indent === yaml) yaml = undefined;
      continue;
    }
    yaml = text === "---" && lastPoint !== undefined && indent === `${lastPoint}  `
      ? indent
      : undefined;
    lastPoint = undefined;
    must(!/^Bail out!/i.test(text), "failed", "it bailed out");
    if (/^TAP version \d+$/.test(text) && indent === "") close(0);
    const claim = indent === "" ? Number(/^# fail +(\d+)$/.exec(text)?.[1] ?? 0) : 0;
    failures = Math.max(failures, claim);
    const point = /^(?:((?:not|NOT|Not) +)(?:ok|OK|Ok)|ok)\b(.*)$/s.exec(text);
    must(point !== null || !/\bnot\s+ok \d/i.test(text), "failed", "nearly not ok");
    if (point?.[1] && directiveIn(point[2]!, false)) todos++;
    const plan = /^1\.\.(\d+)\s*(?:#\s*(.*))?$/.exec(text);
    if (point === null && plan === null) continue;
    const depth = Math.floor(indent.length / 4) + 1;
    const isStray = indent.length % 4 !== 0;
    const isTodo = point !== null && directiveIn(point[2]!, !point[1]) !== undefined;
    must(!point?.[1] || isTodo, "failed", "not ok");
    if (isStray) continue;
    close(depth);
    while (levels.length < depth) levels.push({ seen: 0, plan: undefined });
    const level = levels.at(-1)!;
    if (plan) {
      // Subtests of one depth follow each other, each with a plan of its own.
      must(
        level.plan === undefined || depth > 1 && level.plan === level.seen,
        "contradiction",
        "two plans",
      );
      if (level.plan !== undefined) level.seen = 0;
      level.plan = Number(plan[1]);
      continue;
    }
    lastPoint = indent;
    level.seen++;
    if (isTodo) tally.skipped++;
    else tally.passed++;
  }
  must(yaml === undefined, "unreadable", "cut in a YAML block");
  // AVA counts what is still to be done.
  must(failures <= todos, "failed", "a comment says fail");
  close(0);
  tally.mustHavePassed();
}

/** Of a point that failed only what producers write: capitals. */
function directiveIn(text: string, ok: boolean): string | undefined {
  const pattern = ok ? /\s#\s*(skip|todo)\b/i : /\s#\s*(TODO\b|todo\s*$)/;
  return pattern.exec(withoutEscapes(text))?.[1];
}

function withoutEscapes(text: string): string {
  return text.replace(/\\[\\#]/g, "");
}

function readGo(lines: readonly string[]): void {
  const tally = new Tally();
  const open = new Set<string>();
  const printed = new Map<string, string>();
  const packages = new Map<string, string | undefined>();
  for (const line of lines) {
    if (!/^\s*\{/.test(line)) {
      must(!/^(FAIL|panic:|--- FAIL)\b/.test(line), "failed", "a line says FAIL");
      continue;
    }
    const event = objectIn(line);
    // A program may print lines of its own; one that begins as an event does must be one.
    must(
      event !== undefined || !/^\s*\{"(Time|Action|Package|Test)/.test(line),
      "unreadable",
      "a line is no event",
    );
    if (event === undefined) continue;
    const { Action: action, Package: name, Test: test } = event;
    if (action === undefined) continue;
    // Later versions of Go have more actions; those that say so are not a pass.
    must(!badName.test(String(action)), "failed", "an action is not a pass");
    if (typeof name !== "string") {
      must(String(action).startsWith("build-"), "unreadable", "an event without a package");
      continue;
    }
    if (!packages.has(name)) packages.set(name, undefined);
    const isEnd = action === "pass" || action === "skip";
    if (test === undefined) {
      if (isEnd) packages.set(name, String(action));
      continue;
    }
    const key = `${name}\n${test}`;
    // Up to Go 1.19 a test that prints no line end has its end in its output alone.
    const end = /--- (PASS|FAIL|SKIP): (\S+) \(/.exec(String(event["Output"] ?? ""));
    if (end) printed.set(`${name}\n${end[2]}`, end[1]!);
    if (action === "run") open.add(key);
    if (!isEnd) continue;
    open.delete(key);
    if (action === "pass") tally.passed++;
    else tally.skipped++;
  }
  for (const key of [...open].filter((each) => printed.has(each))) {
    open.delete(key);
    must(printed.get(key) !== "FAIL", "failed", "fail");
    if (printed.get(key) === "PASS") tally.passed++;
    else tally.skipped++;
  }
  must(open.size === 0, "unreadable", "a test without an end");
  must(![...packages.values()].includes(undefined), "unreadable", "a package without an end");
  tally.mustHavePassed();
}

/** Cargo's messages, with libtest's among them when tests were run. */
function readCargo(lines: readonly string[], kind: "test" | "lint"): void {
  const tally = new Tally();
  let finished = false;
  let messages = 0;
  let suite:
    | { readonly tally: Tally; readonly claim: number; readonly open: Set<string> }
    | undefined;
  for (const line of lines) {
    must(!/^test result: FAILED/.test(line), "failed", "a line says FAILED");
    if (!/^\s*\{/.test(line)) continue;
    const event = objectIn(line);
    must(
      event !== undefined || !/^\s*\{\s*"(reason|type)"/.test(line),
      "unreadable",
      "a line is no message",
    );
    if (event === undefined) continue;
    if (event["reason"] !== undefined) {
      messages++;
      if (event["reason"] === "compiler-message") {
        const level = isObject(event["message"]) ? event["message"]["level"] : undefined;
        const words = ["warning", "note", "help", "failure-note"];
        must(words.includes(level as string), "failed", "a level is an error or unknown");
      } else if (event["reason"] === "build-finished") {
        must(event["success"] === true, "failed", "the build failed");
        finished = true;
      }
      continue;
    }
    const { type, event: what } = event;
    if (type === "suite" && what === "started") {
      must(suite === undefined, "unreadable", "a suite without an end");
      suite = {
        tally: new Tally(),
        claim: countOf(event["test_count"], "test_count"),
        open: new Set(),
      };
    } else if (type === "suite") {
      must(what === "ok", "failed", "a suite is not ok");
      must(suite !== undefined, "contradiction", "a suite without a start");
      must(countOf(event["failed"] ?? 0, "failed") === 0, "failed", "a suite says failed");
      const shown = suite.tally;
      must(
        suite.claim === shown.passed + shown.skipped,
        "contradiction",
        "test_count is not what was seen",
      );
      must(suite.open.size === 0, "contradiction", "a test without an end");
      const measured = countOf(event["measured"] ?? 0, "measured");
      must(
        countOf(event["passed"] ?? shown.passed - measured, "passed") + measured === shown.passed,
        "contradiction",
        "passed is not what was seen",
      );
      must(
        countOf(event["ignored"] ?? shown.skipped, "ignored") === shown.skipped,
        "contradiction",
        "ignored is not what was seen",
      );
      tally.passed += shown.passed;
      tally.skipped += shown.skipped;
      suite = undefined;
    } else if (type === "test" || type === "bench") {
      must(suite !== undefined, "contradiction", "a test outside a suite");
      const name = String(event["name"]);
      if (what === "started") suite.open.add(name);
      else if (what === "ok" || type === "bench") suite.tally.passed++;
      else if (what === "ignored") suite.tally.skipped++;
      else {must(
          what === "timeout" || !badName.test(String(what)),
          "failed",
          "an event is not a pass",
        );}
      // A timeout is a warning of libtest's that the test still runs.
      if (what === "ok" || what === "ignored" || type === "bench") suite.open.delete(name);
    }
  }
  must(suite === undefined, "unreadable", "a suite without an end");
  must(messages === 0 || finished, "unreadable", "no build-finished");
  if (kind === "test") tally.mustHavePassed();
  else must(finished || tally.passed > 0, "nothing", "nothing was built");
}

/** Of plain text assay promises little; what says failure in so many words is not a pass. */
function readText(lines: readonly string[]): void {
  const words =
    /^(--- FAIL: |FAIL\t|test result: FAILED|error\[E\d+\]: |panic: |.*:\d+:\d+: error: )/;
  for (const line of lines) must(!words.test(line), "failed", "a line says failure");
  // It counts no test today.
  must(false, "nothing", "no test");
}

/** A program may print two events without a line end between them: the text of each, where all can be read. */
function separated(whole: string): readonly string[] {
  // What a test prints without a line end precedes an event on its line.
  const from = whole.search(/\{\s*"(reason|type|Time|Action|Package)"\s*:/);
  const line = from > 0 && objectIn(whole.slice(from)) !== undefined ? whole.slice(from) : whole;
  const parts = line.split(/(?<=\})\s*(?=\{)/);
  return parts.length > 1 && parts.every((part) => objectIn(part) !== undefined) ? parts : [line];
}

function objectIn(line: string): Json | undefined {
  try {
    const value = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
