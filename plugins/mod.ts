/** The built-in plugins: extensions, parsers, and runners for common stacks. */

import { extensions } from "./extensions/mod.ts";
import { parsers } from "./parsers/mod.ts";
import { builtinRunners } from "./runners/mod.ts";

/** Everything that comes with assay. */
export const builtins = {
  extensions,
  parsers,
  runners: builtinRunners,
  reportSchemas: {
    "generic-json": async () =>
      (await import("./parsers/generic_json_schema.ts")).genericJsonSchema,
  },
};
