/**
 * `assay completions SHELL`: prints a shell's completion script. The script knows nothing about the verbs: it
 * calls `__complete` with the typed words.
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
