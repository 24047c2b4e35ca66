/** What assay says of a report whose command ended with 0: the same steps as `assay parse`, in this process. */

import { parsers } from "../../../plugins/parsers/mod.ts";
import { needsTests, settle } from "../../../src/verdict/settle.ts";
import type { Kind, ReasonCode, Verdict } from "../../../src/model.ts";
import { readReport } from "../../../src/run/read_report.ts";
import { stateOf } from "../../../src/run/report.ts";

/** Every format assay reads. */
export const formats: readonly string[] = parsers.map(({ format }) => format);

/** A verdict with the codes of its reasons. */
export interface Judged {
  readonly verdict: Verdict;
  readonly codes: readonly ReasonCode[];
}

/** Judges a document of a format as the report of a command of this kind. */
export async function judge(format: string, kind: Kind, document: Uint8Array): Promise<Judged> {
  const parser = parsers.find((each) => each.format === format)!;
  const counts = await readReport(
    parser,
    ReadableStream.from([document]),
    { root: "/p", cwd: "/p", source: "the report" },
    () => ({ identity: "i", cluster: "c" }),
    () => {},
  );
  const { verdict, reasons } = settle({
    kind,
    resultFormat: format,
    holdsTests: needsTests(parser.holds, kind),
    exitCode: 0,
    signal: null,
    timedOut: false,
    cancelled: false,
    failOn: "error",
    allowNoTests: false,
    report: { ...counts, ...stateOf(counts) },
  });
  return { verdict, codes: reasons.map(({ code }) => code) };
}
