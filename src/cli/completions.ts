/**
 * `assay completions SHELL`: prints the script that a shell completes with. It knows nothing of the verbs: it
 * calls `__complete` with the words that are typed.
 */

import { ExitCode } from "../errors.ts";
import bash from "./completions/assay.bash" with { type: "text" };
import fish from "./completions/assay.fish" with { type: "text" };
import zsh from "./completions/assay.zsh" with { type: "text" };
import type { Call } from "../commands/types.ts";

const scripts: Readonly<Record<string, string>> = { bash, fish, zsh };

export function run(call: Call): Promise<ExitCode> {
  call.io.stdout.write(scripts[call.args[0]!]!);
  return Promise.resolve(ExitCode.ok);
}
