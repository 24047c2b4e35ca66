/** Whether the kernel killed something for memory while an attempt ran. */

import type { Io } from "../io.ts";
import { helperArgv, printed, programOf } from "./programs.ts";

/** Starting the look costs a process; what dies sooner than this is reported as killed, not as oom. */
const lookAfterMs = 20;

/** Counts the kernel's out-of-memory kills from its start. */
export interface OomWatch {
  /** Called when a command has started; only the first call counts. */
  begin(): void;
  /** Whether the count has risen since. */
  rose(): Promise<boolean>;
  end(): void;
}

/** Creates a watch. The counter is machine-wide, so an unrelated kill at the same time counts too. */
export function watchOom(io: Io): OomWatch {
  const stop = new AbortController();
  let before: Promise<number | undefined> | undefined;
  return {
    begin() {
      if (io.os !== "linux") return;
      before ??= io.sleep(lookAfterMs, stop.signal).then(() => oomKills(io), () => undefined);
    },
    async rose() {
      const count = await before;
      const after = count === undefined ? undefined : await oomKills(io);
      return count !== undefined && after !== undefined && after > count;
    },
    end: () => stop.abort(),
  };
}

/** `/proc` is closed to Deno without `--allow-all`, so `grep` reads it. */
async function oomKills(io: Io): Promise<number | undefined> {
  const grep = await programOf(io, "grep").catch(() => undefined);
  if (grep === undefined) return undefined;
  const { text } = await printed(io, [...await helperArgv(io, grep), "^oom_kill ", "/proc/vmstat"]);
  const count = /^oom_kill (\d+)/.exec(text)?.[1];
  return count === undefined ? undefined : Number(count);
}
