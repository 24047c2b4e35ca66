import { assertEquals } from "@std/assert";
import { annotating } from "./_testing.ts";

const at = (minute: number, commit: string) => ({
  started_at: `2026-01-02T03:0${minute}:00.000Z`,
  commit: commit.repeat(40),
});

Deno.test("first_seen tells the oldest run that had the problem, and what is new", () =>
  annotating({}, async ({ annotate }) => {
    const problem = { identity: "old", message: "no" };
    const first = await annotate("first_seen", [problem], at(1, "a"));
    assertEquals(first.said.map(({ text, display }) => [text, display]), [
      ["new in this run", "inline"],
    ]);
    await annotate("first_seen", [{ identity: "other" }], at(2, "b"));
    const { said, warnings } = await annotate("first_seen", [
      { identity: "new" },
      problem,
      problem,
      { identity: "passing", status: "passed" },
    ], at(3, "c"));
    assertEquals(warnings, []);
    assertEquals(said.map(({ ref, text }) => `${ref} ${text}`), [
      "test:3:1 new in this run",
      "test:3:2 first seen in test:1:1 on 2026-01-02 03:01, commit aaaaaaa",
      "test:3:3 first seen in test:1:1 on 2026-01-02 03:01, commit aaaaaaa",
    ]);
    assertEquals(said[1]!.data, {
      new: false,
      ref: "test:1:1",
      run_id: first.said[0]!.data!.run_id,
      started_at: "2026-01-02T03:01:00.000Z",
      commit: "a".repeat(40),
    });
    assertEquals(said[0]!.data!.new, true);
  }));

Deno.test("first_seen: that the test was there and passed is not that it failed", () =>
  annotating({}, async ({ annotate }) => {
    await annotate("first_seen", [{ identity: "same", status: "passed" }], at(1, "a"));
    const { said } = await annotate("first_seen", [{ identity: "same" }], at(2, "b"));
    assertEquals(said.map(({ text }) => text), ["new in this run"]);
  }));

Deno.test("first_seen looks for two hundred different problems, and says so", () =>
  annotating({}, async ({ annotate }) => {
    const events = Array.from({ length: 201 }, (_, index) => ({ identity: `i${index}` }));
    const { said, warnings } = await annotate("first_seen", events);
    assertEquals(said.length, 200);
    assertEquals(warnings, [
      'annotator "first_seen": only the first 200 different problems were looked for',
    ]);
  }));
