/** The built-in plugins: extensions, annotators, parsers, and runners for common stacks. */

import { annotators } from "./annotators/mod.ts";
import { extensions } from "./extensions/mod.ts";
import { parsers } from "./parsers/mod.ts";
import { builtinRunners } from "./runners/mod.ts";

/** Everything that comes with assay. */
export const builtins = {
  extensions,
  annotators,
  parsers,
  runners: builtinRunners,
  reportSchemas: {
    "generic-json": async () =>
      (await import("./parsers/generic_json_schema.ts")).genericJsonSchema,
  },
};
