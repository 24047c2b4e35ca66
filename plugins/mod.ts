/** The built-in plugins: extensions, sandbox engines, annotators, parsers, and runners for common stacks. */

import { annotators } from "./annotators/mod.ts";
import { engines } from "./engines/mod.ts";
import { extensions } from "./extensions/mod.ts";
import { parsers } from "./parsers/mod.ts";
import { builtinRunners } from "./runners/mod.ts";

export const builtins = {
  extensions,
  engines,
  annotators,
  parsers,
  runners: builtinRunners,
  reportSchemas: {
    "generic-json": async () =>
      (await import("./parsers/generic_json_schema.ts")).genericJsonSchema,
  },
};
