/** The program: the real world in, the exit code out. */

import { ExitCode, missingPermission } from "./errors.ts";
import { confine } from "./process/confine.ts";
import { confineVerb } from "./process/confine_verb.ts";

if (Deno.args[0] === confineVerb) confine(Deno.args.slice(1));

// Not awaited here: chunks of a bundle that are loaded later may import this file, and would wait for it.
import("./program.ts").then(({ program }) => program(), (error) => {
  const refused = missingPermission(error);
  if (!refused) throw error;
  console.error(`error: ${refused.message}\n  hint: ${refused.hint}`);
  return ExitCode.usage;
}).then((code) => Deno.exit(code));
