/** `assay hook install|uninstall|status`: the scripts that git runs. */

import { relative } from "@std/path";
import { detectAll } from "../config/detect.ts";
import { loadProject } from "../config/load.ts";
import { type ExitCode, UserError } from "../errors.ts";
import {
  type HookAction,
  type HookFile,
  hookFolder,
  install,
  lookAt,
  uninstall,
} from "../hook/install.ts";
import { type HookName, hookNames } from "../hook/script.ts";
import type { HookOutput } from "../schema/outputs.ts";
import { gateRun } from "../run/judge.ts";
import { planVerify } from "../run/mod.ts";
import { recoveredRoot, tell } from "./_workspace.ts";
import { type Call, looseOptions } from "./types.ts";

/** Runs the part of the verb: what is asked for, or else what is usual. */
export async function run(call: Call): Promise<ExitCode> {
  const { io, part } = call;
  const root = await recoveredRoot(call);
  const folder = await hookFolder(io, root);
  const force = call.flag("force");
  const usual: readonly HookName[] = part === "install" ? ["pre-commit"] : hookNames;
  const asked = call.args.length > 0 ? call.args as readonly HookName[] : usual;
  const hooks: (HookFile & { readonly action?: HookAction })[] = [];
  for (const hook of new Set(asked)) {
    if (part === "install") {
      hooks.push(await install(io, folder, hook, { argv: io.again, force }));
    } else if (part === "uninstall") hooks.push(await uninstall(io, folder, hook, { force }));
    else hooks.push(await lookAt(io, folder, hook));
  }
  const warnings = part === "install" ? await untestedWarnings(call, root) : [];
  const report: HookOutput = { folder: folder.path, hooks, warnings };
  return await tell(
    call,
    report,
    ({ hookTable }) => hookTable(report, relative(root, folder.path), call),
  );
}

/**
 * What every run of the hook would say: nothing tests the project. No project code is loaded for this, so
 * where plugins are modules, which may provide runners, nothing is said; nor where the configuration is wrong.
 */
async function untestedWarnings({ io, builtins }: Call, root: string): Promise<string[]> {
  try {
    // Where plugins are modules this throws: they are not loaded here.
    const project = await loadProject(io, root, looseOptions(builtins));
    const { present, skipped } = planVerify(await detectAll(io, project), { skip: [] });
    const run = { state: "finished", verb: "hook", attempts: [], tree: null } as const;
    const { gates } = await gateRun(run, { present, skipped }, { io, project });
    const untested = gates.filter(({ status, code }) =>
      status === "unknown" && code === "no_runner"
    );
    return untested.map(({ reason }) => `the hook will block with exit code 3: ${reason}`);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
