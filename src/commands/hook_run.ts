/** `assay hook run`: tests what will be committed or pushed, and nothing else. */

import { resolve } from "@std/path";
import { detectAll } from "../config/detect.ts";
import type { ExitCode } from "../errors.ts";
import type { HookName } from "../hook/script.ts";
import { hookSession } from "../hook/session.ts";
import { outsideOfHook } from "../hook/target.ts";
import { narrowed, planVerify } from "../run/mod.ts";
import { runAndReport } from "./_run.ts";
import { openRunContext, rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const { io } = call;
  const root = await rootOf(call);
  const own: Call = { ...call, io: outsideOfHook(io) };
  const nowhere = { commit: null, branch: null, dirty: null, tree: null, bytes: null };
  return await hookSession({
    io,
    root,
    hook: call.args[0] as HookName,
    reports: call.list("reporter").filter((text) => text.includes("="))
      .map((text) => resolve(io.cwd, text.slice(text.indexOf("=") + 1))),
    open: () => openRunContext(own, { root, lineage: () => Promise.resolve({ lineage: nowhere }) }),
    async verify({ lineage, scope, warnings, untested, ended }) {
      const context = await openRunContext(own, { root, lineage });
      const selected = planVerify(await detectAll(io, context.project), { skip: [] });
      const plan = await narrowed(selected, root, scope);
      const all = [...context.warnings, ...warnings];
      return await runAndReport(own, { ...context, warnings: all, untested }, plan, {
        verb: "hook",
        ended,
      });
    },
  });
}
