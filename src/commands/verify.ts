/** `assay verify`: every check that applies, and whether the change is done. */

import { detectAll } from "../config/detect.ts";
import type { Detection } from "../config/types.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { type Plan, planVerify } from "../pipeline/mod.ts";
import { kindOf, noArguments } from "./_arguments.ts";
import { openRunContext } from "./_workspace.ts";
import { runAndReport } from "./_run.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  noArguments(call);
  const skip = call.list("skip").map(kindOf);
  const jobs = jobsOf(call);
  const context = await openRunContext(call);
  const only = call.list("only");
  const detections = await detectAll(call.io, context.project);
  const plan = planVerify(detections, { skip, ...(only.length > 0 ? { only } : {}) });
  const warnings = [...context.warnings, ...leftOut(detections, plan)];
  return await runAndReport(call, { ...context, warnings }, plan, {
    verb: "verify",
    failFast: call.flag("fail-fast"),
    ...(jobs === undefined ? {} : { jobs }),
  });
}

/** What a person would want to know of what is not run at all. */
function leftOut(detections: readonly Detection[], { present }: Plan): string[] {
  const own = detections.filter(({ def, detected }) =>
    !detected && def.enabled && def.origin.file !== "built-in"
  );
  const tested = present.length === 0 || present.includes("test");
  return [
    ...own.map(({ def, why }) => `${def.id} of ${def.origin.file} does not apply: ${why}`),
    ...tested ? [] : ["nothing was tested: no test runner applies (assay plugin list says why)"],
  ];
}

function jobsOf(call: Call): number | undefined {
  const text = call.value("jobs");
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UserError(`--jobs ${text}: it must be a whole number from 1 to 9999`, {
    code: "usage",
  });
}
