/** What standard output says of tests that a report in a file does not show. */

import type { OutputHandle } from "../plugin.ts";
import type { ReportCounts } from "./counts.ts";

/** Bytes looked at in one go, and how many of them are looked at again with those that follow. */
const partBytes = 1024 * 1024;
const overlapBytes = 4096;

/**
 * Tests that are to be run, as pytest and pytest-xdist tell before the first. `pytest.exit(returncode=0)` and hooks
 * that swallow a test leave a report that agrees with itself and shows fewer.
 */
const counted =
  /^(?:collecting \.\.\. )?collected (\d+) items?(?: \/ [\d\w /]*?(\d+) selected)?|^\d+ workers? \[(\d+) items?\]/gm;

/** pytest's last line when something stopped it. */
const stopped = /^!+ (?:(?:_pytest\.outcomes\.)?Exit\b|Interrupted: |KeyboardInterrupt\b).*$/m;

/** The line that announces more tests than were counted, or says that something stopped them; `undefined` for none. */
export async function unseenTests(
  { tests }: Pick<ReportCounts, "tests">,
  { bytes, readText }: Pick<OutputHandle, "bytes" | "readText">,
): Promise<string | undefined> {
  for (let from = 0; from < bytes; from += partBytes - overlapBytes) {
    // deno-lint-ignore no-control-regex
    const text = (await readText({ from, bytes: partBytes })).replace(/\x1b\[[\d;]*m/g, "");
    const line = text.match(stopped)?.[0] ??
      text.matchAll(counted).find(([, all, selected, shared]) =>
        Number(selected ?? all ?? shared) > tests.total
      )?.[0];
    if (line !== undefined) return line.trim().slice(0, 200);
  }
  return undefined;
}
