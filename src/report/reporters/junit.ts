/**
 * JUnit XML as Jenkins, GitLab and most others read it: one suite per command, and one of assay's own for what no
 * command shows. Counts come before the cases, so all events are read twice.
 *
 * A `<testcase>` has at most one of `<skipped>`, `<error>`, `<failure>` and, if it passed after failing,
 * Surefire's `<flakyFailure>`. GitLab and others also read `file` and `line`.
 *
 * @module
 */

import { XMLBuilder } from "fast-xml-parser";
import {
  type Case,
  type CaseCounts,
  caseMessage,
  type CaseSuite,
  countedSuites,
} from "./_cases.ts";
import { line, lines } from "./_text.ts";
import type { RunReport } from "./types.ts";

/** An element as the builder takes it: attribute names begin with `@`; `undefined` is left out. */
type Element = Readonly<Record<string, unknown>>;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

// deno-lint-ignore no-control-regex -- what https://www.w3.org/TR/xml/#charsets leaves out, save lone surrogates
const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

/** The builder's own entities omit white space and characters XML forbids, which become U+FFFD. */
function escaped(text: unknown, characters: RegExp): string {
  return String(text).toWellFormed().replace(illegal, "\ufffd")
    .replace(characters, (character) => entities[character]!);
}

const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  format: true,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  processEntities: false,
  attributeValueProcessor: (_name, value) => escaped(value, /[&<>"\t\n\r]/g),
  tagValueProcessor: (_name, value) => escaped(value, /[&<>\r]/g),
});

export function* render(report: RunReport): Generator<string> {
  const { run } = report;
  const suites = Array.from(countedSuites(report));
  const sum = (count: keyof CaseCounts) =>
    suites.reduce((total, { counts }) => total + counts[count], 0);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield* around("testsuites", {
    "@name": `assay ${run.verb}`,
    "@tests": sum("total"),
    "@failures": sum("failed"),
    "@errors": sum("errored"),
    "@time": seconds(run.duration_ms),
  }, function* () {
    for (const suite of suites) yield* suiteText(suite, run.started_at);
  });
}

/** An element around others, which are not all in memory at once. */
function* around(
  name: string,
  attributes: Element,
  inner: () => Iterable<string>,
): Generator<string> {
  const [start, end] = builder.build({ [name]: { ...attributes, "#text": "\n" } }).split(">\n<");
  yield `${start}>\n`;
  yield* inner();
  yield `<${end}`;
}

function suiteText(
  { name, attempt, cases, counts }: CaseSuite & { readonly counts: CaseCounts },
  startedAt: string,
): Iterable<string> {
  return around("testsuite", {
    "@name": line(name),
    "@tests": counts.total,
    "@failures": counts.failed,
    "@errors": counts.errored,
    "@skipped": counts.skipped,
    "@time": seconds(attempt?.duration_ms ?? 0),
    "@timestamp": (attempt?.started_at ?? startedAt).replace(/\.\d+Z$/, ""),
  }, function* () {
    if (attempt) {
      const { ref, verdict, evidence, command } = attempt;
      const properties = { ref, verdict, evidence, command: line(command) };
      const property = Object.entries(properties)
        .map(([key, value]) => ({ "@name": `assay.${key}`, "@value": value }));
      yield builder.build({ properties: { property } });
    }
    for (const each of cases()) yield builder.build({ testcase: caseElement(each, name) });
  });
}

function caseElement(test: Case, suiteName: string): Element {
  const { name, suite, duration, file } = test;
  return {
    "@classname": line(suite) || line(suiteName),
    "@name": line(name) || "(unnamed)",
    "@time": seconds(duration ?? 0),
    "@file": file,
    "@line": test.line,
    ...resultOf(test),
  };
}

function resultOf(test: Case): Element {
  const { status, flaky } = test;
  const message = caseMessage(test);
  const element = { "@message": message || undefined, "#text": lines(test.details) };
  switch (status) {
    case "failed":
      return { failure: element };
    case "errored":
      return { error: element };
    case "skipped":
      // The oldest schema allows no attributes here: the reason is the text.
      return { skipped: message };
    case "passed":
      return flaky ? { flakyFailure: element } : {};
  }
}

function seconds(milliseconds: number): string {
  return (Math.max(0, milliseconds) / 1000).toFixed(3);
}
