/** The fields that runners and commands have of themselves: no extension may claim one as its key. */

import { commandSchema } from "./commands_schema.ts";
import { runnerSchema } from "./runner_schema.ts";

export const runnerFields: ReadonlySet<string> = new Set([
  ...Object.keys(runnerSchema.entries),
  ...Object.keys(commandSchema.entries),
]);
