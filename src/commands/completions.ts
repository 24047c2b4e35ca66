/** `assay completions SHELL`: prints the script that a shell completes with. */

import { ExitCode, UserError } from "../errors.ts";
import { requiredArgument } from "./_arguments.ts";
import type { Context } from "./completions/table.ts";
import { contextsOf } from "./completions/table.ts";
import type { Call } from "./types.ts";

type Script = (contexts: readonly Context[], version: string) => string;

const scripts: Readonly<Record<string, () => Promise<Script>>> = {
  bash: async () => (await import("./completions/bash.ts")).bashScript,
  zsh: async () => (await import("./completions/zsh.ts")).zshScript,
  fish: async () => (await import("./completions/fish.ts")).fishScript,
};

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const shell = requiredArgument(call, `the name of a shell: ${Object.keys(scripts).join(", ")}`);
  const load = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
  if (!load) {
    throw new UserError(`assay writes no completions for "${shell}"`, {
      code: "usage",
      hint: `the shells are ${Object.keys(scripts).join(", ")}`,
    });
  }
  const script = await load();
  call.io.stdout.write(script(contextsOf(call.verbs), call.builtins.version));
  return ExitCode.ok;
}
