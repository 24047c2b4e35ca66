/** The independent reader of JUnit XML, NUnit 3 and TRX: a tree from saxes and a walk over it. */

import { SaxesParser } from "saxes";
import { badName, countOf, must, Objected, Tally } from "./objection.ts";

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
}

const badWord =
  /^(false|no|incomplete)$|fail|error|abort|time-?_?out|cancel|crash|broken|inconclusive/i;
const flakyName = /^flaky(Failure|Error)$/i;

/** Objects to what cannot be a pass in a document of one of the XML formats. */
export function readXml(format: string, bytes: Uint8Array): void {
  // Some writers of JUnit spell its elements with capitals.
  const root = tree(text(bytes), format === "junit-xml");
  if (format === "trx") readTrx(root);
  else if (format === "nunit-xml") readNunit(root);
  else readJunit(root);
}

function text(bytes: Uint8Array): string {
  const [one, two] = bytes;
  if (one === 0xfe && two === 0xff || one === 0 && two === 0x3c) {
    return new TextDecoder("utf-16be").decode(bytes);
  }
  if (one === 0xff && two === 0xfe || one === 0x3c && two === 0) {
    return new TextDecoder("utf-16le").decode(bytes);
  }
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const encoding = /^<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(head)?.[1] ?? "utf-8";
  try {
    return new TextDecoder(/^utf-?16/i.test(encoding) ? "utf-8" : encoding).decode(bytes);
  } catch {
    throw new Objected({ kind: "unreadable", why: "unknown encoding" });
  }
}

function tree(xml: string, inAnyCase: boolean): Element {
  // Blank lines before the declaration are what shells leave; saxes would refuse them.
  const parser = new SaxesParser({ xmlns: false });
  const open: Element[] = [];
  let root: Element | undefined;
  parser.on("error", () => must(false, "unreadable", "not well formed"));
  parser.on("doctype", () => must(false, "unreadable", "a document type"));
  parser.on("opentag", ({ name, attributes }) => {
    // A template that filled in nothing claims nothing.
    const claims = Object.entries(attributes).filter(([, value]) => value !== "");
    const local = name.replace(/^.*:/, "");
    const element = {
      name: inAnyCase ? local.toLowerCase() : local,
      attributes: Object.fromEntries(claims),
      children: [],
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  parser.on("closetag", () => open.pop());
  parser.write(withoutControls(xml).replace(/^\uFEFF?\s*(?=<)/, "")).close();
  must(root !== undefined, "unreadable", "no root");
  return root;
}

/** Tools print control characters as they come; XML allows none, and that speaks against no pass. */
function withoutControls(xml: string): string {
  // deno-lint-ignore no-control-regex
  const controls = /[\x01-\x08\x0b\x0c\x0e-\x1f\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/g;
  // Several zeros, or any behind the root, are what a crash leaves of a file, and no text that a tool printed.
  const end = xml.lastIndexOf(">");
  const whole = xml.slice(0, end).replaceAll(/(?<!\0)\0(?!\0)/g, " ") + xml.slice(end);
  return whole.replace(controls, " ").replace(/&#(x[\da-fA-F]{1,6}|\d{1,7});/g, " ");
}

function* all(element: Element, name: string): Generator<Element> {
  if (element.name === name) yield element;
  for (const child of element.children) yield* all(child, name);
}

/** Attributes whose value is a word for what became of a case. */
const wordAttributes = ["status", "result", "outcome", "success", "state", "verdict"];
const passWords = new Set(
  ("run completed complete executed finished done ok success successful succeeded passed pass fixed true yes flaky" +
    " warning").split(" "),
);
const skipWords = new Set(
  "notrun not-run not_run disabled suppressed skipped skip ignored ignore pending todo notexecuted filtered excluded"
    .split(" "),
);

function readJunit(root: Element): void {
  must(/^testsuites?$/.test(root.name), "unreadable", "another root element");
  const tally = new Tally();
  // Catch2 and doctest count assertions, pytest subtests.
  const countsMore = [root, ...all(root, "testsuite")].some(({ attributes }) =>
    attributes["hostname"] === "tbd" || attributes["doctest_version"] !== undefined ||
    /^pytest( tests)?$/.test(attributes["name"] ?? "")
  );
  readJunitSuite(root, tally, countsMore);
  tally.mustHavePassed();
}

interface Shown {
  cases: number;
  suites: number;
  /** Cases at any depth. */
  deep: number;
  passed: number;
  /** Failed runs of cases that passed in the end. */
  flaky: number;
  skipped: number;
  /** Claimed to be skipped, which some tools do not show as cases. */
  unshown: number;
}

function readJunitSuite(suite: Element, tally: Tally, countsMore: boolean): Shown {
  const shown: Shown = {
    cases: 0,
    suites: 0,
    deep: 0,
    passed: 0,
    skipped: 0,
    flaky: 0,
    unshown: 0,
  };
  const { attributes } = suite;
  const declared = attributes["tests"] === undefined
    ? undefined
    : countOf(attributes["tests"], "tests");
  for (const child of suite.children.flatMap(withoutGroups)) {
    if (child.name === "testcase") {
      shown.cases++;
      shown.deep++;
      if (readJunitCase(child, tally)) shown.passed++;
      else shown.skipped++;
      const failures = isTodo(child) ? /fail/i : flakyName;
      shown.flaky += inCase(child).filter(({ name }) => failures.test(name)).length;
    } else if (child.name === "testsuite" || child.name === "testsuites") {
      const inner = readJunitSuite(child, tally, countsMore);
      shown.suites++;
      for (const key of ["deep", "passed", "skipped", "flaky", "unshown"] as const) {
        shown[key] += inner[key];
      }
      const claim = countOf(child.attributes["tests"] ?? 0, "tests");
      // node:test counts a suite's children and not what is below them, but then the cases are there.
      const isShown = inner.deep >= claim;
      must(
        declared === undefined || claim <= declared || isShown || countsMore,
        "contradiction",
        "an inner suite declares more than its parent",
      );
    } else {
      must(
        flakyName.test(child.name) || !badName.test(child.name),
        "failed",
        `<${child.name.toLowerCase()}> under a suite`,
      );
    }
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (/^(failures|errors)$/.test(name)) {
      must(countOf(value, name) <= shown.flaky, "failed", `a suite says ${name}`);
    } else if (/^(failed|errored|aborted|broken|crashed|cancelled)$/.test(name)) {
      must(value === "" || Number(value) <= shown.flaky, "failed", `a suite says ${name}`);
    } else if (/^(tests|skipped|disabled|passed)$/.test(name)) countOf(value, name);
    else if (/^exitcode$/i.test(name)) must(Number(value) === 0, "failed", "an exit code is not 0");
    else if (wordAttributes.includes(name)) {
      must(!badWord.test(value), "failed", `a suite says ${name}`);
    }
  }
  // No writer leaves out what it calls disabled.
  shown.unshown = Math.max(shown.unshown, countOf(attributes["skipped"] ?? 0, "skipped"));
  if (declared !== undefined) mustMatch(suite, declared, shown, countsMore);
  const passed = attributes["passed"];
  if (passed !== undefined) {
    must(
      countOf(passed, "passed") === shown.passed,
      "contradiction",
      "passed is not what the cases show",
    );
  }
  return shown;
}

/** What a case holds at any depth, that no case inside it holds. */
function inCase({ children }: Element): Element[] {
  return children.flatMap((child) => child.name === "testcase" ? [] : [child, ...inCase(child)]);
}

/** The same without what lies in a result, which only tells of it. */
function resultsIn({ children }: Element): Element[] {
  return children.flatMap((child) => {
    if (child.name === "testcase" || /^testsuites?$/.test(child.name)) return [];
    return child.name === "skipped" || badName.test(child.name)
      ? [child]
      : [child, ...resultsIn(child)];
  });
}

/** What JUnit knows by name, and what lies in elements that it does not know. */
function withoutGroups(element: Element): Element[] {
  if (/^testsuites?$/.test(element.name)) return [element];
  if (element.name === "testcase") {
    const inside = element.children.flatMap(withoutGroups);
    return [element, ...inside.filter(({ name }) => /^test(case|suite)$/.test(name))];
  }
  return [element, ...element.children.flatMap(withoutGroups)];
}

/** A suite's `tests` against its cases, as the tools that write it count; Surefire counts the runs of flaky cases. */
function mustMatch(
  { name, attributes }: Element,
  declared: number,
  shown: Shown,
  countsMore: boolean,
): void {
  // node:test counts the children of a suite; Boost leaves out what it skipped.
  const counted = name === "testsuite" ? shown.cases + shown.suites : shown.deep;
  // Catch2 and doctest count assertions, of which a case may have none.
  if (attributes["hostname"] === "tbd" || attributes["doctest_version"] !== undefined) return;
  const isBoost = attributes["skipped"] !== undefined && declared === shown.deep - shown.skipped;
  const least = Math.min(shown.deep, counted);
  must(declared >= least || isBoost, "contradiction", "more cases than declared");
  const most = Math.max(shown.deep, counted) + shown.flaky + shown.unshown;
  must(declared <= most || countsMore, "contradiction", "fewer cases than declared");
  const skipped = countOf(attributes["skipped"] ?? 0, "skipped");
  const isHidden = !countsMore && skipped > shown.skipped + shown.flaky && declared <= shown.deep;
  must(!isHidden, "contradiction", "more are skipped than the cases show");
}

/** A test that is still to be done may fail: node:test writes both. */
function isTodo(element: Element): boolean {
  return inCase(element).some(({ name, attributes }) =>
    name === "skipped" && attributes["type"] === "todo"
  );
}

/** Whether a case counts as passed; objects to one that failed. */
function readJunitCase(element: Element, tally: Tally): boolean {
  const { attributes } = element;
  let skipped = false;
  for (const { name } of resultsIn(element)) {
    if (name === "skipped") skipped = true;
    else if (!flakyName.test(name) && !(isTodo(element) && /fail/i.test(name))) {
      must(!badName.test(name), "failed", `<${name}> in a case`);
    }
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (/^(error|failed|exception|crashed|exitcode)$/i.test(name)) {
      must(/^(|0|false|no|none)$/i.test(value), "failed", `a case says ${name}`);
    }
  }
  if (attributes["executed"] === "false") skipped = true;
  for (const name of wordAttributes) {
    const word = attributes[name]?.trim().toLowerCase();
    if (word === undefined || word === "") continue;
    if (skipWords.has(word)) skipped = true;
    else must(passWords.has(word), "failed", `${name} is a word that is not a pass`);
  }
  if (skipped) tally.skipped++;
  else tally.passed++;
  return !skipped;
}

function readNunit(root: Element): void {
  must(root.name === "test-run", "unreadable", "another root element");
  const tally = new Tally();
  for (const element of [root, ...all(root, "test-suite")]) readNunitSuite(element);
  for (const each of all(root, "test-case")) readNunitCase(each, tally);
  tally.mustHavePassed();
}

function readNunitSuite(suite: Element): void {
  const { attributes } = suite;
  const words = ["Passed", "Skipped", "Ignored", "Inconclusive", "Warning", undefined];
  must(
    words.includes(attributes["result"]?.replace(/:.*/, "")),
    "failed",
    "a suite's result is not a pass",
  );
  must(
    !["Error", "Invalid", "Cancelled"].includes(attributes["label"] ?? ""),
    "failed",
    "a suite's label is not a pass",
  );
  must(attributes["runstate"] !== "NotRunnable", "failed", "a suite could not run");
  must(!suite.children.some(({ name }) => badName.test(name)), "failed", "a failure under a suite");
  const cases = [...all(suite, "test-case")];
  const count = (result: string) =>
    cases.filter((each) => each.attributes["result"] === result).length;
  const claim = (name: string) =>
    attributes[name] === undefined ? undefined : countOf(attributes[name], name);
  must((claim("failed") ?? 0) === 0, "failed", "a suite says failed");
  const total = claim("total");
  for (const name of ["testcasecount", "warnings", "inconclusive", "skipped"]) claim(name);
  if (total !== undefined) {
    must(cases.length >= total, "contradiction", "fewer cases than declared");
    must(cases.length - count("Skipped") <= total, "contradiction", "more cases than declared");
  }
  const passed = claim("passed");
  const others = ["failed", "skipped", "warnings", "inconclusive"].map((name) => claim(name) ?? 0);
  const parts = others.reduce((sum, each) => sum + each, passed ?? Infinity);
  must(
    passed === undefined || total === undefined || parts <= total,
    "contradiction",
    "the parts are more than the total",
  );
  if (passed !== undefined) {
    must(passed === count("Passed"), "contradiction", "passed is not what the cases show");
  }
}

function readNunitCase({ attributes, children }: Element, tally: Tally): void {
  const { result, label, runstate } = attributes;
  must(!children.some(({ name }) => badName.test(name)), "failed", "a failure in a case");
  must(
    !["Error", "Invalid", "Cancelled"].includes(label ?? ""),
    "failed",
    "a case's label is not a pass",
  );
  must(runstate !== "NotRunnable", "failed", "a case could not run");
  if (result === "Passed") tally.passed++;
  else {
    const others = ["Skipped", "Ignored", "Inconclusive", "Warning"];
    must(others.includes(result ?? ""), "failed", "a case's result is not a pass");
    tally.skipped++;
  }
}

/** Counters of TRX of which none may be above zero. */
const badCounters = [
  ..."failed error timeout aborted passedButRunAborted notRunnable disconnected".split(
    " ",
  ),
  ..."inProgress pending warning".split(" "),
];
const counters = [
  ...badCounters,
  "total",
  "executed",
  "passed",
  "notExecuted",
  "completed",
  "inconclusive",
];

function readTrx(root: Element): void {
  must(root.name === "TestRun", "unreadable", "another root element");
  const tally = new Tally();
  const results = [...all(root, "Results")].flatMap(({ children }) => children);
  for (const { name, attributes, children } of results.flatMap(withInner)) {
    must(name.endsWith("Result") || !badName.test(name), "failed", "a failure among the results");
    if (!/Result$|^TestResultAggregation$/.test(name)) continue;
    const { outcome } = attributes;
    if (outcome === "Passed") {
      must(!children.some(hasErrorInfo), "failed", "an error message in a passed result");
      tally.passed++;
    } else {
      // Of one that was not executed the message says why.

      must(
        ["NotExecuted", "NotApplicable", "Inconclusive"].includes(outcome ?? ""),
        "failed",
        "an outcome is not a pass",
      );
      tally.skipped++;
    }
  }
  for (const { attributes } of all(root, "ResultSummary")) {
    const words = ["Completed", "Passed", "Warning", undefined];
    must(words.includes(attributes["outcome"]), "failed", "the summary's outcome is not a pass");
  }
  for (const { attributes } of all(root, "RunInfo")) {
    must(
      !/^(Error|Failed|Timeout|Aborted)$/.test(attributes["outcome"] ?? ""),
      "failed",
      "an error of the run",
    );
  }
  for (const { attributes } of all(root, "Counters")) {
    const known = Object.entries(attributes).filter(([name]) => counters.includes(name));
    const counts = known.map(([name, value]) => [name, countOf(value, name)] as const);
    for (const [name, count] of counts) {
      must(!badCounters.includes(name) || count === 0, "failed", `the summary says ${name}`);
      if (name === "total") {
        must(count <= results.length, "contradiction", "fewer cases than declared");
        must(count >= results.length, "contradiction", "more cases than declared");
      }
      if (name === "inconclusive") {
        must(count <= tally.skipped, "contradiction", "fewer inconclusive than declared");
      }
      if (name === "passed" && results.every(({ children }) => !children.some(isInner))) {
        const passed = results.filter((each) => each.attributes["outcome"] === "Passed").length;
        must(count === passed, "contradiction", "passed is not what the cases show");
      }
    }
  }
  tally.mustHavePassed();
}

function isInner({ name }: Element): boolean {
  return name === "InnerResults";
}

function withInner(result: Element): Element[] {
  return [
    result,
    ...result.children.filter(isInner).flatMap(({ children }) => children.flatMap(withInner)),
  ];
}

/** Whether an error was caught. NUnit's adapter writes the message of `Assert.Pass("…")` as one, without a trace. */
function hasErrorInfo(element: Element): boolean {
  return element.name === "Output" &&
    [...all(element, "ErrorInfo")].some((each) => !all(each, "StackTrace").next().done);
}
