/** `assay history`: the stored runs, newest first. */

import { ExitCode, UserError } from "../errors.ts";
import type { HistoryOutput } from "../schema/outputs.ts";
import type { Store } from "../store/types.ts";
import { noArguments } from "./_arguments.ts";
import { openStored } from "./_stored.ts";
import { tell } from "./_tell.ts";
import { recoveredRoot } from "./_workspace.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  noArguments(call);
  const limit = limitOf(call.value("limit") ?? "20");
  const store = await openStored(call, await recoveredRoot(call));
  try {
    const output = { runs: store.runs(limit), unreadable: await unreadable(store, limit) };
    await tell(
      call,
      output,
      ({ historyTable }) => historyTable(output.runs, call, output.unreadable),
    );
    return ExitCode.ok;
  } finally {
    store.close();
  }
}

async function unreadable(
  store: Store,
  limit: number,
): Promise<HistoryOutput["unreadable"]> {
  const found: { run_id: string; problem: string }[] = [];
  let seen = 0;
  for await (const judged of store.judged()) {
    if ("problem" in judged) {
      const [, run_id, problem] =
        /runs\/(\w+) cannot be read \((.*)\),/.exec(judged.problem.message) ??
          [];
      if (run_id !== undefined) found.push({ run_id, problem: problem! });
    }
    if (++seen >= limit) break;
  }
  return found;
}

function limitOf(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new UserError(`--limit ${text}: it must be a whole number from 1 to 999999`, {
    code: "usage",
  });
}
