/** The independent reader of every format. */

import { type Objection, objectionOf } from "./objection.ts";
import { readJson } from "./oracle_json.ts";
import { readLines } from "./oracle_lines.ts";
import { readXml } from "./oracle_xml.ts";

const lineFormats = ["tap", "go-test-json", "cargo-json", "text"];
const xmlFormats = ["junit-xml", "nunit-xml", "trx"];

/** What speaks against a pass of a document, or `undefined` when nothing does. */
export function objectionTo(
  format: string,
  kind: "test" | "lint",
  document: Uint8Array,
): Objection | undefined {
  return objectionOf(() => {
    if (xmlFormats.includes(format)) readXml(format, document);
    else if (lineFormats.includes(format)) readLines(format, kind, document);
    else readJson(format, kind, document);
  });
}
