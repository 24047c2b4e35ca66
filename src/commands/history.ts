/** `assay history`: the stored runs, newest first. */

import type { ExitCode } from "../errors.ts";
import type { HistoryOutput } from "../schema/outputs.ts";
import type { Store } from "../store/types.ts";
import { openStored, recoveredRoot, tell } from "./_workspace.ts";
import type { Call } from "./types.ts";

export async function run(call: Call): Promise<ExitCode> {
  const limit = Number(call.value("limit") ?? 20);
  const store = await openStored(call, await recoveredRoot(call));
  const output = { runs: store.runs(limit), unreadable: await unreadable(store, limit) };
  return await tell(
    call,
    output,
    ({ historyTable }) => historyTable(output.runs, call, output.unreadable),
  );
}

async function unreadable(
  store: Store,
  limit: number,
): Promise<HistoryOutput["unreadable"]> {
  const found: { run_id: string; problem: string }[] = [];
  let seen = 0;
  for await (const judged of store.judged()) {
    if ("problem" in judged) {
      const [, run_id, problem = ""] =
        /runs\/(\w+) cannot be read \((.*)\),/.exec(judged.problem.message) ?? [];
      if (run_id !== undefined) found.push({ run_id, problem });
    }
    if (++seen >= limit) break;
  }
  return found;
}
