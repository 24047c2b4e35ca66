import { assertEquals } from "@std/assert";
import { problemsOfControl, problemsOfSandboxed } from "./_judge.ts";
import type { Act, Result } from "./_world.ts";

const act: Act = {
  name: "write_path",
  kind: "deny",
  dimensions: ["filesystem"],
  needs: [],
  caveat: null,
  claimed: false,
  reached: true,
  ok: false,
  detail: "no",
  seen: null,
};

function resultOf(
  changes: Partial<Act>,
  facts: { enforced_by?: string; caveat?: string } = { enforced_by: "bwrap" },
  attempt: { exit_code?: number | null; signal?: string | null } = {},
): Result {
  const sandbox = [{ dimension: "filesystem", declared: "readonly", ...facts }];
  const runner = { verdict: "pass", reasons: [], exit_code: 0, signal: null, ...attempt, sandbox };
  return {
    run: { code: 0, stderr: "", ms: 1, json: { attempts: [runner] } },
    missing: { root: "not root" },
    acts: [{ ...act, ...changes }],
  };
}

const count = (result: Result, limit?: string) => problemsOfSandboxed(result, limit).length;

Deno.test("an act that worked, or left something outside, contradicts what is enforced", () => {
  assertEquals(count(resultOf({})), 0);
  assertEquals(count(resultOf({ ok: true })), 1);
  assertEquals(count(resultOf({ seen: "a file" })), 1);
  assertEquals(count(resultOf({ ok: null })), 1, "it cannot tell");
  assertEquals(count(resultOf({ reached: false, ok: null })), 1, "it was not come to");
});

Deno.test("what no one enforced, or assay itself, does not concern an act", () => {
  assertEquals(count(resultOf({ ok: true }, {})), 0);
  assertEquals(count(resultOf({ ok: true }, { enforced_by: "assay" })), 0);
});

Deno.test("a caveat leaves out the acts it names, and no others", () => {
  const facts = { enforced_by: "landlock", caveat: "owner, mode and times can be changed" };
  assertEquals(count(resultOf({ ok: true, caveat: "\\bmode\\b" }, facts)), 0);
  assertEquals(count(resultOf({ ok: true, caveat: "(?i)OWNER" }, facts)), 0);
  assertEquals(count(resultOf({ ok: true, caveat: "pipes" }, facts)), 1);
  assertEquals(count(resultOf({ ok: true }, facts)), 1);
  assertEquals(count(resultOf({ ok: true, caveat: "mode" }, { enforced_by: "bwrap" })), 1);
});

Deno.test("what must work inside does, and leaves nothing outside where it must not", () => {
  assertEquals(count(resultOf({ kind: "allow", ok: true })), 0);
  assertEquals(count(resultOf({ kind: "allow" })), 1);
  assertEquals(count(resultOf({ kind: "unseen", ok: true })), 0);
  assertEquals(count(resultOf({ kind: "unseen", ok: true, seen: "a lock" })), 1);
  assertEquals(count(resultOf({ kind: "unseen" })), 1);
});

Deno.test("a limit may end the whole command before an act, and nothing else may", () => {
  const missed = { reached: false, ok: null };
  const enforced = { enforced_by: "systemd" };
  assertEquals(count(resultOf(missed, enforced, { signal: "SIGKILL", exit_code: null }), "cpu"), 0);
  assertEquals(count(resultOf(missed, enforced, { exit_code: 137 }), "cpu"), 0);
  assertEquals(count(resultOf(missed, enforced, { exit_code: 1 }), "cpu"), 1, "the probe broke");
  assertEquals(count(resultOf(missed, enforced, { exit_code: 137 })), 1, "no limit is tried");
});

Deno.test("a control works, and is seen outside, unless the machine cannot", () => {
  const problems = (changes: Partial<Act>) => problemsOfControl(resultOf(changes, {})).length;
  assertEquals(problems({ ok: true, seen: "a file" }), 0);
  assertEquals(problems({ ok: true, claimed: true }), 0);
  assertEquals(problems({ ok: true, kind: "allow" }), 0);
  assertEquals(problems({ ok: true }), 1, "nothing was seen outside");
  assertEquals(problems({}), 1);
  assertEquals(problems({ needs: ["root"] }), 0);
  assertEquals(problems({ needs: ["ipv6"] }), 1);
});

Deno.test("a run without an attempt is a problem", () => {
  const none = { ...resultOf({}), run: { code: 2, stderr: "bad", ms: 1 } };
  assertEquals(problemsOfSandboxed(none, undefined).length, 1);
  assertEquals(problemsOfControl(none).length, 1);
});
