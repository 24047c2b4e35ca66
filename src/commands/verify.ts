/** `assay verify`: every check that applies, and whether the change is done. */

import { detectAll } from "../config/detect.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { planVerify } from "../pipeline/mod.ts";
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
  const plan = planVerify(await detectAll(call.io, context.project), {
    skip,
    ...(only.length > 0 ? { only } : {}),
  });
  return await runAndReport(call, context, plan, {
    verb: "verify",
    failFast: call.flag("fail-fast"),
    ...(jobs === undefined ? {} : { jobs }),
  });
}

function jobsOf(call: Call): number | undefined {
  const text = call.value("jobs");
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UserError(`--jobs ${text}: it must be a whole number from 1 to 9999`, {
    code: "usage",
  });
}
