/** Properties that hold of every JUnit document, on documents made at random. */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { ParseContext, ReportEvent } from "../../src/plugin.ts";
import { parse } from "../../plugins/parsers/junit_xml.ts";

const context: ParseContext = { root: "/project", cwd: "/project", source: "report.xml" };
const encoder = new TextEncoder();

async function read(chunks: readonly Uint8Array[]): Promise<ReportEvent[]> {
  const input = ReadableStream.from(chunks);
  return (await Array.fromAsync(parse(input, context))).flat();
}

/** Of counts: passed, failed, errored, skipped, flaky, suite errors. */
const indices = [0, 1, 2, 3, 4, 5];

interface Made {
  readonly xml: string;
  readonly counts: readonly number[];
}

const text = fc.string({
  unit: fc.oneof(fc.string(), fc.constantFrom("€", "😀", "ü", "\n", "]]>")),
});

function escaped(value: string): string {
  return value.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const blank = fc.constantFrom("", "\n", "  ", "<!-- note -->", "\n\t<?pi x?>\n");

/** Elements inside a test case, and the count they make. */
const inside = fc.constantFrom<[string, number]>(
  ["", 0],
  ["<system-out><![CDATA[<testcase/> & ]] ]]></system-out>", 0],
  ["<properties><property name='n' value='v'/></properties>", 0],
  ["<failure message='m'>at &lt;x></failure>", 1],
  ["<failure message='&#27;[1m&#xD800;'>\x1b[0m &#27; &#xFFFF;</failure>", 1],
  ["<failure/><failure/>", 1],
  ["<skipped/><failure>€</failure>", 1],
  ["<failure>f</failure><rerunFailure message='again'/>", 1],
  ["<error><![CDATA[😀]]></error>", 2],
  ["<failure/><error/>", 2],
  ["<skipped message='later'/>", 3],
  ["<flakyFailure>first</flakyFailure>", 4],
  ["<flakyError/><flakyFailure/>", 4],
);

const testCase: fc.Arbitrary<Made> = fc.tuple(text, blank, inside).map((
  [name, space, [xml, at]],
) => ({
  xml: `<testcase name="${escaped(name)}" time="0.1">${space}${xml}</testcase>${space}`,
  // A flaky test is counted among the passed as well.
  counts: indices.map((index) => index === at || (index === 0 && at === 4) ? 1 : 0),
}));

const suiteError: fc.Arbitrary<Made> = fc.constantFrom("<error>e</error>", "<failure/>")
  .map((xml) => ({ xml, counts: [0, 0, 0, 0, 0, 1] }));

const { suite } = fc.letrec<{ suite: Made; child: Made }>((tie) => ({
  child: fc.oneof({ maxDepth: 3 }, testCase, testCase, testCase, suiteError, tie("suite")),
  suite: fc.tuple(text, fc.array(tie("child"), { maxLength: 6 })).map(([name, children]) =>
    joined(`<testsuite name="${escaped(name)}">`, children, "</testsuite >")
  ),
}));

const document: fc.Arbitrary<Made> = fc.tuple(
  fc.constantFrom("", "\ufeff", '<?xml version="1.0" encoding="UTF-8"?>\n', "<!-- x -->\n"),
  fc.oneof(
    suite,
    fc.array(suite, { maxLength: 4 }).map((all) => joined("<testsuites>", all, "</testsuites>")),
  ),
).map(([prolog, { xml, counts }]) => ({ xml: prolog + xml, counts }));

function joined(open: string, children: readonly Made[], close: string): Made {
  return {
    xml: open + children.map(({ xml }) => xml).join("") + close,
    counts: indices.map((index) => children.reduce((sum, { counts }) => sum + counts[index]!, 0)),
  };
}

function countsOf(events: readonly ReportEvent[]): number[] {
  const tests = events.filter((event) => event.kind === "test");
  return [
    ...["passed", "failed", "errored", "skipped"].map((status) =>
      tests.filter((test) => test.status === status).length
    ),
    tests.filter(({ flaky }) => flaky).length,
    events.filter(({ kind }) => kind === "suite_error").length,
  ];
}

Deno.test("property: what was written is counted", async () => {
  await fc.assert(fc.asyncProperty(document, async ({ xml, counts }) => {
    const events = await read([encoder.encode(xml)]);
    assertEquals(events.at(-1), { kind: "end" }, xml);
    assertEquals(countsOf(events), [...counts], xml);
  }));
});

/** More than the parser reads before it knows the encoding, so that it meets the cuts that follow. */
const padding = `<!-- ${"padding ".repeat(150)} -->`;

function padded(xml: string): string {
  return xml.replace("<testsuite", `${padding}<testsuite`);
}

Deno.test("property: a document cut at any byte never ends", async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.boolean(), async ({ xml }, far) => {
      const whole = far ? padded(xml) : xml;
      const bytes = encoder.encode(whole);
      for (let length = far ? padding.length : 0; length < bytes.length; length++) {
        const last = (await read([bytes.subarray(0, length)])).at(-1)!;
        assert(last.kind === "broken", `${length} of ${bytes.length} bytes of ${whole}`);
        assertEquals(last.reason, "truncated", `${length} of ${bytes.length} bytes of ${whole}`);
      }
    }),
    { numRuns: 15 },
  );
});

Deno.test("property: chunks do not matter", async () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1 });
  await fc.assert(fc.asyncProperty(document, sizes, async ({ xml }, cuts) => {
    const bytes = encoder.encode(padded(xml));
    const chunks: Uint8Array[] = [];
    for (let at = 0, turn = 0; at < bytes.length; turn++) {
      const size = Math.max(cuts[turn % cuts.length]!, turn % 7 === 0 ? 1 : 0);
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    assertEquals(await read(chunks), await read([bytes]), xml);
  }));
});

Deno.test("property: single bytes are chunks too", async () => {
  await fc.assert(
    fc.asyncProperty(document, async ({ xml }) => {
      const bytes = encoder.encode(padded(xml));
      const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
      assertEquals(await read(single), await read([bytes]), xml);
    }),
    { numRuns: 30 },
  );
});
