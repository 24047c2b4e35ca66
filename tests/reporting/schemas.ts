/**
 * Whether what reporters write is what its format says. The schemas of SARIF, CTRF and JUnit are those that npm
 * packages carry; no package has those of reviewdog and GitLab, so these two are written from their documentation.
 *
 * @module
 */

import * as v from "valibot";
import { runEvent } from "../../src/schema/journal.ts";
import sarifSchema from "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json" with {
  type: "json",
};
import Ajv from "ajv";
import Ajv04 from "ajv-draft-04";
import addFormats from "ajv-formats";
import { schema as ctrfSchema } from "ctrf";

// The packages are CommonJS: what they export is behind `default`.
// deno-lint-ignore no-explicit-any
const loaded = (module: any) => module.default ?? module;
// A pattern of the SARIF schema is invalid where the flag `u` is set.
const options = { strict: false, unicodeRegExp: false };
const ajv = new (loaded(Ajv))(options);
const ajv04 = new (loaded(Ajv04))(options);
loaded(addFormats)(ajv);
loaded(addFormats)(ajv04);

const position = {
  type: "object",
  additionalProperties: false,
  required: ["line"],
  properties: {
    line: { type: "integer", minimum: 1 },
    column: { type: "integer", minimum: 1 },
  },
};

/** `Diagnostic` of reviewdog.proto: https://github.com/reviewdog/reviewdog/tree/master/proto/rdf. */
const rdfSchema = {
  type: "object",
  additionalProperties: false,
  required: ["message", "location", "severity"],
  properties: {
    message: { type: "string", minLength: 1 },
    location: {
      type: "object",
      additionalProperties: false,
      required: ["path"],
      properties: {
        path: { type: "string", minLength: 1 },
        range: {
          type: "object",
          additionalProperties: false,
          required: ["start"],
          properties: { start: position, end: position },
        },
      },
    },
    severity: { enum: ["ERROR", "WARNING", "INFO"] },
    source: {
      type: "object",
      additionalProperties: false,
      required: ["name"],
      properties: { name: { type: "string", minLength: 1 }, url: { type: "string" } },
    },
    code: {
      type: "object",
      additionalProperties: false,
      required: ["value"],
      properties: { value: { type: "string", minLength: 1 }, url: { type: "string" } },
    },
  },
};

/** https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format */
const gitlabSchema = {
  type: "array",
  items: {
    type: "object",
    required: ["description", "check_name", "fingerprint", "severity", "location"],
    properties: {
      description: { type: "string", minLength: 1 },
      check_name: { type: "string", minLength: 1 },
      fingerprint: { type: "string", minLength: 1 },
      severity: { enum: ["info", "minor", "major", "critical", "blocker"] },
      location: {
        type: "object",
        required: ["path", "lines"],
        properties: {
          // Of the repository, without "./".
          path: { type: "string", minLength: 1, pattern: "^(?!/|\\./|\\.\\./)" },
          lines: {
            type: "object",
            required: ["begin"],
            properties: { begin: { type: "integer", minimum: 1 } },
          },
        },
      },
    },
  },
};

const validators = {
  ctrf: ajv.compile(ctrfSchema),
  sarif: ajv04.compile(sarifSchema),
  rdjsonl: ajv.compile(rdfSchema),
  gitlab: ajv.compile(gitlabSchema),
};

function against(name: keyof typeof validators, value: unknown): string[] {
  const validate = validators[name];
  return validate(value) ? [] : [ajv.errorsText(validate.errors)];
}

/** What is wrong with a report, by the name of its reporter; the others have no schema. */
export const problemsIn: Readonly<Record<string, (text: string) => string[]>> = {
  sarif: (text) => {
    const log = JSON.parse(text);
    const { results, tool } = log.runs[0];
    const rules = tool.driver.rules.map(({ id }: { id: string }) => id);
    const marks = results.map((each: { partialFingerprints: Record<string, string> }) =>
      each.partialFingerprints["assayIdentity/v1"]
    );
    return [
      ...against("sarif", log),
      ...new Set(marks).size === marks.length ? [] : ["two results have one fingerprint"],
      ...results.flatMap(({ ruleId, ruleIndex }: { ruleId: string; ruleIndex: number }) =>
        rules[ruleIndex] === ruleId ? [] : [`rule ${ruleId} is not at ${ruleIndex}`]
      ),
    ];
  },
  ctrf: (text) => {
    const report = JSON.parse(text);
    const { summary, tests } = report.results;
    const of = (status: string) =>
      tests.filter((test: { status: string }) => test.status === status).length;
    const wrong = ["passed", "failed", "skipped", "pending", "other"]
      .filter((status) => summary[status] !== of(status));
    return [
      ...against("ctrf", report),
      ...wrong.map((status) => `the summary miscounts ${status}`),
      ...summary.tests === tests.length ? [] : ["the summary miscounts the tests"],
    ];
  },
  rdjsonl: (text) =>
    text.split("\n").filter((line) => line !== "")
      .flatMap((line) => against("rdjsonl", JSON.parse(line))),
  jsonl: (text) =>
    text.split("\n").filter((line) => line !== "").flatMap((line) => {
      const { success, issues } = v.safeParse(runEvent, JSON.parse(line));
      return success ? [] : issues.map(({ message }) => message);
    }),
  gitlab: (text) => {
    const issues = JSON.parse(text);
    const marks = new Set(issues.map(({ fingerprint }: { fingerprint: string }) => fingerprint));
    return [
      ...against("gitlab", issues),
      ...marks.size === issues.length ? [] : ["two issues have one fingerprint"],
    ];
  },
  // https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
  github: (text) =>
    text.split("\n").slice(0, -1).filter((line) =>
      // deno-lint-ignore no-control-regex -- what no line of a log may hold
      !/^::(error|warning|notice)( \w+=[^,:\r\n]*(,\w+=[^,:\r\n]*)*)?::[^\x00-\x1f]*$/.test(line)
    ),
};
