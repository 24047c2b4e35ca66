/**
 * The engine `log`: enforces nothing and says what would have been enforced. For a dry run of a sandbox:
 * `engines = ["log"]`.
 */

import type { SandboxEngine, SandboxSpec } from "../../src/plugin.ts";

/** Such as `network = "none", memory = 1024`. */
function textOf(spec: SandboxSpec): string {
  return Object.entries(spec).map(([key, value]) => `${key} = ${JSON.stringify(value)}`).join(", ");
}

export const log: SandboxEngine = {
  name: "log",
  capabilities: [],
  priority: 90,
  probe: () => ({ works: true, detail: "it enforces nothing, so it works everywhere" }),
  wrap: (argv) => argv,
  collector: (spec) => ({
    collect(_command, _result, services) {
      services.warn(`dry run, nothing was enforced; declared: ${textOf(spec) || "nothing"}`);
    },
  }),
};
