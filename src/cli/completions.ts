/**
 * `assay completions SHELL`: prints the script that a shell completes with. It knows nothing of the verbs: it
 * calls `__complete` with the words that are typed.
 */

import { ExitCode, UserError } from "../errors.ts";
import { requiredArgument } from "../commands/_arguments.ts";
import bash from "./completions/assay.bash" with { type: "text" };
import fish from "./completions/assay.fish" with { type: "text" };
import zsh from "./completions/assay.zsh" with { type: "text" };
import type { Call } from "../commands/types.ts";

const scripts = new Map([["bash", bash], ["zsh", zsh], ["fish", fish]]);

/** Runs the verb. */
export function run(call: Call): Promise<ExitCode> {
  const shells = [...scripts.keys()].join(", ");
  const shell = requiredArgument(call, `the name of a shell: ${shells}`);
  const script = scripts.get(shell);
  if (script === undefined) {
    throw new UserError(`assay writes no completions for "${shell}"`, {
      code: "usage",
      hint: `the shells are ${shells}`,
    });
  }
  call.io.stdout.write(script);
  return Promise.resolve(ExitCode.ok);
}
