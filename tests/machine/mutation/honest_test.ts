/** The other direction: what real tools wrote of a clean run is a pass, and what is unknown has a reason that is named. */

import { assert, assertEquals } from "@std/assert";
import type { ReasonCode } from "../../../src/model.ts";
import { formats, judge } from "./judge.ts";
import { objectionTo } from "./oracle.ts";
import { corpusSeeds, honestSeeds, kindsOf } from "./suite.ts";

/** All that a report may leave unknown that is whole and contradicts itself nowhere. */
const allowed: readonly ReasonCode[] = ["no_tests", "uncounted", "nothing_checked", "tool_missing"];

/** Hand-made reports whose cases are more than they declare. */
const contradictThemselves = [
  "junit/skipped_shown_as_passed.xml",
  "junit/jenkins/junit-report-bad-duration.xml",
  "junit/jenkins/junit-report-testsuite-various-timestamps.xml",
  "junit/jenkins/junit-report-time-aggregation.xml",
  "junit/jenkins/junit-report-time-aggregation2.xml",
  "junit/jenkins/old-reports_junit-report-1.xml",
  "junit/jenkins/old-reports_junit-report-2.xml",
];

Deno.test("every format has a green document, and assay passes it", async () => {
  const seeds = honestSeeds(formats);
  assertEquals(formats.filter((format) => !seeds.some((seed) => seed.format === format)), []);
  for (const { format, name, document } of seeds) {
    for (const kind of kindsOf(format)) {
      const { verdict, codes } = await judge(format, kind, document);
      if (format === "text") {
        assert(codes.every((code) => allowed.includes(code)), `${name}: ${codes}`);
      } else if (kind === "test" && name.startsWith("cargo-json/check")) {
        assertEquals(codes, ["no_tests"]);
      } else {assertEquals(
          [verdict, objectionTo(format, kind, document)],
          ["pass", undefined],
          `${name} as ${kind}: ${codes}`,
        );}
    }
  }
});

Deno.test("assay and the oracle agree on the whole corpus, but for reasons that are named", async () => {
  const problems: string[] = [];
  for (const { format, name, document } of corpusSeeds(formats)) {
    for (const kind of kindsOf(format)) {
      const { verdict, codes } = await judge(format, kind, document);
      const objection = objectionTo(format, kind, document);
      const said = `${name} as ${kind}: ${verdict}, ${codes}; the oracle: ${
        objection?.kind ?? "nothing"
      } ${objection?.why ?? ""}`;
      if (verdict === "pass" && objection) problems.push(said);
      if (contradictThemselves.includes(name)) {
        if (!codes.includes("disagreement")) problems.push(said);
      } else if (
        !objection && verdict !== "pass" && !codes.every((code) => allowed.includes(code))
      ) problems.push(said);
      // What is whole is never called malformed, and cut only when it shows less than it declares.
      const isShort = objection?.why === "fewer cases than declared" || verdict === "fail";
      const isUnread = codes.includes("report_malformed") ||
        codes.includes("report_truncated") && !isShort;
      if (isUnread && objection?.kind !== "unreadable") problems.push(said);
    }
  }
  assert(problems.length === 0, `\n${problems.join("\n")}`);
});
