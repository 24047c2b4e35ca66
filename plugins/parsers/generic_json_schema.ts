/** The JSON Schema of `assay.report/1`, for authors of such reports: `assay schema report`. */

import { toJsonSchema } from "@valibot/to-json-schema";
import { reportSchema } from "./_report_schema.ts";

/** JSON Schema (draft 7) of assay's own report shape, which `generic-json` reads as well as CTRF. */
export const genericJsonSchema: Readonly<Record<string, unknown>> = {
  ...toJsonSchema(reportSchema, { target: "draft-07" }),
  $id: "https://assay.invalid/schemas/report.schema.json",
  title: "assay.report/1",
  description: "What a tool without a report format of its own writes for assay to read.",
};
