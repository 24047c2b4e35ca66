/** `assay hook install|uninstall|status`: the scripts that git runs. */

import { detectAll } from "../config/detect.ts";
import { loadProject } from "../config/load.ts";
import { ExitCode, UserError } from "../errors.ts";
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
import { resultFormats } from "./_arguments.ts";
import { tell } from "./_tell.ts";
import { recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(
  call: Call,
  action: "install" | "uninstall" | "status",
  names: readonly HookName[],
): Promise<ExitCode> {
  const { io } = call;
  const root = await recoveredRoot(call);
  const folder = await hookFolder(io, root);
  const asked = names.length > 0
    ? names
    : action === "install"
    ? ["pre-commit"] as const
    : hookNames;
  const hooks: (HookFile & { readonly action?: HookAction })[] = [];
  const force = call.flag("force");
  for (const hook of new Set(asked)) {
    if (action === "install") {
      hooks.push(await install(io, folder, hook, { argv: io.again, force }));
    } else if (action === "uninstall") hooks.push(await uninstall(io, folder, hook, { force }));
    else hooks.push(await lookAt(io, folder, hook));
  }
  const warnings = action === "install" ? await untestedWarnings(call, root) : [];
  const report: HookOutput = { folder: folder.path, hooks, warnings };
  await tell(call, report, ({ hookTable }) => hookTable(report, call));
  return ExitCode.ok;
}

/**
 * What every run of the hook would say: nothing tests the project. No code of the project is loaded for it, so
 * where plugins are modules, which may bring runners, nothing is said; nor where the configuration is wrong.
 */
async function untestedWarnings({ io, builtins }: Call, root: string): Promise<string[]> {
  try {
    const project = await loadProject(io, root, {
      builtins: builtins.runners,
      knownFormats: resultFormats(builtins.parsers),
      extensions: {
        keys: builtins.extensions.map(({ configKey }) => configKey),
        validate: () => Promise.resolve([]),
      },
    });
    if (project.modulePlugins.length > 0) return [];
    const { present, skipped } = planVerify(await detectAll(io, project), { skip: [] });
    const run = { state: "finished", verb: "hook", attempts: [], tree: null } as const;
    const { gates } = await gateRun(run, { present, skipped }, { io, project });
    const untested = gates.filter(({ status, code }) =>
      status === "unknown" && code === "no_runner"
    );
    return untested.map(({ reason }) => `the hook will end with 3: ${reason}`);
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}
