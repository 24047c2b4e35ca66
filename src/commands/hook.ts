/** `assay hook install|uninstall|status|run|restore`: git hooks. */

import { type ExitCode, UserError } from "../errors.ts";
import { nearest } from "../text/did_you_mean.ts";
import { type HookName, hookNames } from "../hook/script.ts";
import type { Call } from "./types.ts";

const actions = ["install", "uninstall", "status", "run", "restore"] as const;

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const [action, ...names] = call.args;
  switch (action) {
    case "install":
    case "uninstall":
    case "status":
      return await (await import("./hook_install.ts")).run(call, action, names.map(hookNameOf));
    case "run": {
      const [hook, second] = names;
      if (hook === undefined || second !== undefined) throw usage(call, "run takes one hook");
      return await (await import("./hook_run.ts")).run(call, hookNameOf(hook));
    }
    case "restore":
      if (names.length > 0) throw usage(call, "restore takes no argument");
      return await (await import("./hook_restore.ts")).run(call);
    default: {
      const meant = action === undefined ? undefined : nearest(action, actions);
      const guess = meant ? `; did you mean "${meant}"?` : "";
      throw usage(call, action === undefined ? "it needs what to do" : `"${action}"${guess}`);
    }
  }
}

function usage({ verb }: Call, what: string): UserError {
  return new UserError(`assay hook: ${what}`, { code: "usage", hint: `usage: ${verb.usage}` });
}

function hookNameOf(text: string): HookName {
  const name = hookNames.find((each) => each === text);
  if (name) return name;
  throw new UserError(`assay knows no hook "${text}"`, {
    code: "usage",
    hint: `the hooks are ${hookNames.join(" and ")}`,
  });
}
