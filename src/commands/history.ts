/** `assay history`: the stored runs, newest first. */

import { ExitCode, UserError } from "../errors.ts";
import { noArguments } from "./_arguments.ts";
import { openStored } from "./_stored.ts";
import { tell } from "./_tell.ts";
import { rootOf } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  noArguments(call);
  const limit = limitOf(call.value("limit") ?? "20");
  const store = await openStored(call, await rootOf(call));
  try {
    const runs = store.runs(limit);
    await tell(call, { runs }, ({ historyTable }) => historyTable(runs, call));
    return ExitCode.ok;
  } finally {
    store.close();
  }
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UserError(`--limit ${text}: it must be a whole number from 1 to 999999`, {
    code: "usage",
  });
}
