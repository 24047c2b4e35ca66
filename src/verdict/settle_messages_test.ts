import { assertEquals } from "@std/assert";
import {
  broken,
  collected,
  crashed,
  exitCodeOnly,
  failed,
  found,
  linted,
  tested,
} from "./_settle_testing.ts";
import { settle } from "./settle.ts";
import type { SettleInput } from "./types.ts";

const messages: readonly (readonly [SettleInput, string])[] = [
  [tested, "exit code 0, 3 tests passed"],
  [{ ...tested, report: failed }, "exit code 0, but the report shows 1 failure"],
  [{ ...tested, exitCode: 1, report: failed }, "1 of 3 tests failed"],
  [{ ...tested, exitCode: 1 }, "exit code 1, but the report shows no problem"],
  [{ ...linted, report: found(1, 2) }, "1 error, although the exit code is 0"],
  [{ ...exitCodeOnly, exitCode: 139 }, "killed by SIGSEGV (exit code 139)"],
  [{ ...exitCodeOnly, ...crashed }, "killed by SIGSEGV"],
  [{ ...exitCodeOnly, timedOut: true, timeoutMs: 600_000 }, "timed out after 10m"],
  [{ ...exitCodeOnly, exitCode: 127, toolMissing: "tsc" }, `"tsc" not found`],
  [{ ...exitCodeOnly, exitCode: 126, toolMissing: "./x" }, `"./x" is not executable`],
  [
    { ...exitCodeOnly, sandboxUnenforced: ["network", "pids"] },
    "not run: its sandbox is not enforced: network and pids",
  ],
  [{ ...tested, report: broken("malformed") }, "malformed report: why"],
  [{ ...tested, report: collected }, "1 error outside any test: No module named x"],
];

for (const [input, message] of messages) {
  Deno.test(`settle says: ${message}`, () => {
    assertEquals(settle(input).reasons[0]?.message, message);
  });
}
