import { assert, assertEquals } from "@std/assert";
import { eventLines } from "../../tests/parsing.ts";
import { parse } from "./sarif.ts";

const tool = { driver: { name: "T" } };
const result = { message: { text: "m" } };
const log = (run: Record<string, unknown>) =>
  eventLines(
    parse,
    JSON.stringify({ version: "2.1.0", runs: [{ tool, results: [result], ...run }] }),
  );

Deno.test("a run that did not succeed is an error, with or without a reason", async () => {
  assertEquals(
    await log({
      invocations: [{ executionSuccessful: false, exitCodeDescription: "out of memory" }],
    }),
    [
      "suite_error: T did not run to its end: out of memory",
      "warning: m",
      "end",
    ],
  );
  assertEquals(
    (await log({ invocations: [{}] })).at(-1)!.includes(
      "invocations[0].executionSuccessful must be true or false",
    ),
    true,
  );
});

Deno.test("a run without a list of results proves nothing", async () => {
  for (const results of [null, undefined]) {
    assertEquals(await log({ results }), [
      "suite_error T: the run of T contains no list of results: it proves nothing",
      "end",
    ]);
  }
  const externalPropertyFileReferences = { results: [{ location: { uri: "x" } }] };
  assertEquals(
    (await log({ results: null, externalPropertyFileReferences }))[0]!.includes("in other files"),
    true,
  );
  assertEquals(await log({ results: [] }), ["end"]);
});

Deno.test("only a suppression that is accepted, or says nothing of it, makes a result info", async () => {
  const suppressed = (status: unknown) =>
    log({ results: [{ ...result, suppressions: [{ status }] }] });
  for (const status of [undefined, "accepted"]) {
    assertEquals(await suppressed(status), ["info: m", "end"]);
  }
  for (const status of ["rejected", "underReview", "Accepted", null]) {
    assertEquals(await suppressed(status), ["warning: m", "end"]);
  }
});

Deno.test("unknown words and wrong types are malformed", async () => {
  const wrong: [Record<string, unknown>, string][] = [
    [{ results: [{ ...result, level: "fatal" }] }, "runs[0].results[0].level must be one of"],
    [{ results: [{ ...result, level: 2 }] }, "level must be one of"],
    [{ results: [{ ...result, kind: "maybe" }] }, "kind must be one of"],
    [{ results: [{}] }, "message must be an object"],
    [{ results: {} }, "results must be an array"],
    [{ results: [{ ...result, suppressions: true }] }, "suppressions must be an array"],
    [{ results: [{ ...result, ruleIndex: "0" }] }, "ruleIndex must be an integer"],
    [{ results: [{ ...result, rule: { index: 0.5 } }] }, "rule.index must be an integer"],
    [{ tool: {} }, "tool.driver must be an object"],
  ];
  for (const [run, expected] of wrong) {
    const last = (await log(run)).at(-1)!;
    assert(last.startsWith("broken malformed") && last.includes(expected), last);
  }
  assertEquals(
    (await eventLines(parse, '{"version": "1.0.0", "runs": []}'))[0]!.includes(
      'version must be "2.1.0"',
    ),
    true,
  );
  assertEquals(
    (await eventLines(parse, '{"version": "2.1.0"}'))[0]!.includes("runs must be an array"),
    true,
  );
});

Deno.test("bases that refer to each other in a circle do not hang", async () => {
  const originalUriBaseIds = { A: { uriBaseId: "B" }, B: { uriBaseId: "A" } };
  const locations = [{ physicalLocation: { artifactLocation: { uri: "a.c", uriBaseId: "A" } } }];
  assertEquals(await log({ originalUriBaseIds, results: [{ ...result, locations }] }), [
    "warning: m @a.c",
    "end",
  ]);
});

Deno.test("a run that a signal ended, or whose results are elsewhere too, is an error whatever it says", async () => {
  const killed = { executionSuccessful: true, exitSignalName: "SIGSEGV" };
  assertEquals(
    (await log({ invocations: [killed] }))[0],
    "suite_error: T did not run to its end: SIGSEGV",
  );
  assertEquals(
    (await log({ invocations: [{ executionSuccessful: true, exitCode: 1 }] }))[0],
    "warning: m",
  );
  assertEquals(
    (await log({ externalPropertyFileReferences: { results: [{}] } }))[0],
    "suite_error T: the run of T keeps its results in other files: it proves nothing",
  );
});
