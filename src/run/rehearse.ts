/** Prepares a command as a run would, for people to look at. */

import { join } from "@std/path";
import type { CommandDef } from "../config/types.ts";
import { ulid } from "../ulid.ts";
import { prepare } from "./prepare.ts";
import type { PrepareContext, Prepared } from "./types.ts";

/**
 * Prepares a command for a run that is made up. Extensions are called as ever; nothing is executed and
 * nothing is stored.
 */
export async function rehearse(
  def: CommandDef,
  context: Pick<PrepareContext, "io" | "project" | "plugins" | "probes" | "signal">,
): Promise<Prepared> {
  const runId = ulid(context.io);
  const dir = join(context.project.root, ".assay", "runs", runId);
  return await prepare(def, { ...context, runId, writer: { dir } });
}
