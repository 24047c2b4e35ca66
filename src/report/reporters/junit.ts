/**
 * JUnit XML as Jenkins, GitLab and most others read it: one suite a command, and one of assay's own for what no
 * command tells. Counts stand before the cases, so all events are read twice.
 *
 * A `<testcase>` holds at most one of `<skipped>`, `<error>`, `<failure>` and, when it passed after it had failed,
 * Surefire's `<flakyFailure>`. `file` and `line` are what GitLab and others read besides.
 *
 * @module
 */

import {
  type Case,
  type CaseCounts,
  caseMessage,
  type CaseSuite,
  countedSuites,
} from "./_cases.ts";
import { line, lines } from "./_text.ts";
import type { RunReport } from "./types.ts";

export function* render(report: RunReport): Generator<string> {
  const { run } = report;
  const suites = Array.from(countedSuites(report));
  const sum = (count: keyof CaseCounts) =>
    suites.reduce((total, { counts }) => total + counts[count], 0);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attribute("name", `assay ${run.verb}`)}${attribute("tests", sum("total"))}${
    attribute("failures", sum("failed"))
  }${attribute("errors", sum("errored"))}${attribute("time", seconds(run.duration_ms))}>\n`;
  for (const suite of suites) yield* suiteText(suite, run.started_at);
  yield "</testsuites>\n";
}

function* suiteText(
  { name, attempt, cases, counts }: CaseSuite & { readonly counts: CaseCounts },
  startedAt: string,
): Generator<string> {
  yield `  <testsuite${attribute("name", line(name))}${attribute("tests", counts.total)}${
    attribute("failures", counts.failed)
  }${attribute("errors", counts.errored)}${attribute("skipped", counts.skipped)}${
    attribute("time", seconds(attempt?.duration_ms ?? 0))
  }${attribute("timestamp", (attempt?.started_at ?? startedAt).replace(/\.\d+Z$/, ""))}>\n`;
  if (attempt) {
    yield `    <properties>\n${property("assay.ref", attempt.ref)}${
      property("assay.verdict", attempt.verdict)
    }${property("assay.evidence", attempt.evidence)}${
      property("assay.command", line(attempt.command))
    }    </properties>\n`;
  }
  for (const each of cases()) yield caseText(each, name);
  yield "  </testsuite>\n";
}

function property(name: string, value: string): string {
  return `      <property${attribute("name", name)}${attribute("value", value)}/>\n`;
}

function caseText(test: Case, suiteName: string): string {
  const { name, suite, duration, file } = test;
  const head = `    <testcase${attribute("classname", line(suite) || line(suiteName))}${
    attribute("name", line(name) || "(unnamed)")
  }${attribute("time", seconds(duration ?? 0))}${attribute("file", file)}${
    attribute("line", test.line)
  }`;
  const result = resultText(test);
  return result === "" ? `${head}/>\n` : `${head}>\n      ${result}\n    </testcase>\n`;
}

function resultText(test: Case): string {
  const { status, flaky } = test;
  const said = attribute("message", caseMessage(test) || undefined);
  const more = xmlText(lines(test.details));
  const element = (name: string) =>
    more === "" ? `<${name}${said}/>` : `<${name}${said}>${more}</${name}>`;
  switch (status) {
    case "failed":
      return element("failure");
    case "errored":
      return element("error");
    case "skipped": {
      // Without attributes in the oldest of the schemas: the reason is the text.
      const why = xmlText(caseMessage(test));
      return why === "" ? "<skipped/>" : `<skipped>${why}</skipped>`;
    }
    case "passed":
      return flaky ? element("flakyFailure") : "";
  }
}

function seconds(milliseconds: number): string {
  return (Math.max(0, milliseconds) / 1000).toFixed(3);
}

// Escaping for XML 1.0.

// deno-lint-ignore no-control-regex -- what https://www.w3.org/TR/xml/#charsets leaves out, save lone surrogates
const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Text between tags; characters no XML may hold become U+FFFD. */
function xmlText(text: string): string {
  return legal(text).replace(/[&<>\r]/g, (character) => entities[character]!);
}

/** An attribute with a blank before it; nothing when there is no value. */
function attribute(name: string, value: string | number | undefined): string {
  if (value === undefined) return "";
  const text = legal(String(value)).replace(/[&<>"\t\n\r]/g, (character) => entities[character]!);
  return ` ${name}="${text}"`;
}

function legal(text: string): string {
  return text.toWellFormed().replace(illegal, "\ufffd");
}
