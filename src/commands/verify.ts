/** `assay verify`: every check that applies, and whether the change is done. */

import { detectAll } from "../config/detect.ts";
import type { Detection } from "../config/types.ts";
import type { ExitCode } from "../errors.ts";
import { listFiles, narrowed, planVerify } from "../pipeline/mod.ts";
import { jobsOf, kindOf, noArguments } from "./_arguments.ts";
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
  const selected = planVerify(detections, { skip, ...(only.length > 0 ? { only } : {}) });
  const { root } = context.project;
  const plan = await narrowed(selected, root, { files: () => listFiles(call.io, root) });
  const warnings = [...context.warnings, ...leftOut(detections)];
  return await runAndReport(call, { ...context, warnings }, plan, {
    verb: "verify",
    failFast: call.flag("fail-fast"),
    ...jobs,
  });
}

/** What a person would want to know of what is not run at all. */
function leftOut(detections: readonly Detection[]): string[] {
  const own = detections.filter(({ def, detected }) =>
    !detected && def.enabled && def.origin.file !== "built-in"
  );
  return own.map(({ def, why }) => `${def.id} of ${def.origin.file} does not apply: ${why}`);
}
