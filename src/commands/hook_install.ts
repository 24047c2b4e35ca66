/** `assay hook install|uninstall|status`: the scripts that git runs. */

import { ExitCode } from "../errors.ts";
import {
  type HookAction,
  type HookFile,
  hookFolder,
  install,
  lookAt,
  uninstall,
} from "../hook/install.ts";
import { type HookName, hookNames } from "../hook/script.ts";
import type { HookOutput } from "../report/outputs.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(
  call: Call,
  action: "install" | "uninstall" | "status",
  names: readonly HookName[],
): Promise<ExitCode> {
  const { io } = call;
  const root = await rootOf(call);
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
  const report: HookOutput = { folder: folder.path, hooks };
  await tell(call, report, ({ hookTable }) => hookTable(report, call));
  return ExitCode.ok;
}
