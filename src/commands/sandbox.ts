/** `assay sandbox`: what engines can do here, and how one command would be held to its sandbox. */

import { nearest } from "../text/did_you_mean.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { sandboxDoctor } from "./sandbox_doctor.ts";
import { sandboxExplain } from "./sandbox_explain.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const [part, name, more] = [...call.args, ...call.rest];
  switch (part) {
    case "doctor":
      if (name !== undefined) throw usage(call, `doctor takes no argument "${name}"`);
      return await sandboxDoctor(call);
    case "explain":
      if (name === undefined) throw usage(call, "explain needs the NAME of a runner or command");
      if (more !== undefined) {
        throw usage(call, `explain takes one argument; "${more}" is one too many`);
      }
      return await sandboxExplain(call, name);
    case undefined:
      throw usage(call, "needs a part: doctor or explain");
    default: {
      const meant = nearest(part, ["doctor", "explain"]);
      throw usage(call, `has no part "${part}"${meant ? `; did you mean "${meant}"?` : ""}`);
    }
  }
}

function usage({ verb }: Call, problem: string): UserError {
  return new UserError(`assay sandbox ${problem}`, {
    code: "usage",
    hint: `usage: ${verb.usage}`,
  });
}
