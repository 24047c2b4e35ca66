/** The other direction: what real tools wrote of a clean run is a pass, and what is unknown has a reason that is named. */

import { assert, assertEquals } from "@std/assert";
import type { ReasonCode } from "../../src/model.ts";
import { formats, judge } from "./judge.ts";
import { object } from "./oracle.ts";
import { corpusSeeds, honestSeeds, kindsOf } from "./suite.ts";

/** All that a report may leave unknown that is whole and contradicts itself nowhere. */
const allowed: readonly ReasonCode[] = ["no_tests", "uncounted", "nothing_checked", "tool_missing"];

/** Reports of other people's collections whose cases are more than they declare: hand-made. */
const contradictThemselves = ["junit/jenkins/junit-report-bad-duration.xml"];

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
          [verdict, object(format, kind, document)],
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
      const objection = object(format, kind, document);
      const said = `${name} as ${kind}: ${verdict}, ${codes}; the oracle: ${
        objection?.kind ?? "nothing"
      } ${objection?.why ?? ""}`;
      if (verdict === "pass" && objection) problems.push(said);
      if (contradictThemselves.includes(name)) {
        if (!codes.includes("disagreement")) problems.push(said);
      } else if (
        !objection && verdict !== "pass" && !codes.every((code) => allowed.includes(code))
      ) problems.push(said);
      // What is whole and readable is never called cut or malformed.
      const isUnread = codes.some((code) =>
        code === "report_truncated" || code === "report_malformed"
      );
      if (isUnread && objection?.kind !== "unreadable") problems.push(said);
    }
  }
  assert(problems.length === 0, `\n${problems.join("\n")}`);
});
