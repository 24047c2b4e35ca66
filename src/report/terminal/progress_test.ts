import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { anAttempt } from "../../../tests/records.ts";
import type { Attempt } from "../../model.ts";
import type { RunEvent } from "../../schema/journal.ts";
import { progress, type ProgressIo } from "./progress.ts";
import { displayWidth } from "./width.ts";

/** A terminal that keeps its screen, and a clock that is turned by hand. */
class Terminal {
  written = "";
  now = 0;
  width = 40;
  #sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  constructor(readonly isTerminal: boolean) {}

  io(): ProgressIo {
    return {
      stderr: { write: (text) => void (this.written += text), isTerminal: this.isTerminal },
      columns: () => this.width,
      monotonic: () => this.now,
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          this.#sleepers.push({ at: this.now + ms, wake: resolve });
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    };
  }

  /** Lets time pass and wakes all sleepers. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= end)
        .toSorted((one, other) => one.at - other.at)[0];
      if (!next) break;
      this.now = next.at;
      this.#sleepers.splice(this.#sleepers.indexOf(next), 1);
      next.wake();
      await new Promise((resolve) => setTimeout(resolve));
    }
    this.now = end;
  }

  /** Ends every sleep now; sleepers continue only after the caller. */
  wake(): void {
    for (const { wake } of this.#sleepers.splice(0)) wake();
  }

  /** What is on the screen: lines, with the escapes this program uses carried out. */
  screen(): string[] {
    const lines: string[] = [""];
    let row = 0;
    // deno-lint-ignore no-control-regex -- the escapes that progress writes
    for (const token of this.written.match(/\x1b\[\d*[A-Za-z]|\n|\r|[^\x1b\n\r]+/g) ?? []) {
      if (token === "\n") lines[++row] ??= "";
      else if (token.endsWith("A") && token.startsWith("\x1b")) row -= Number(token.slice(2, -1));
      else if (token === "\x1b[J") lines.splice(row, lines.length, "");
      else if (token !== "\r" && token !== "\x1b[K") lines[row] = token;
      assert(row >= 0, "the cursor left the region at its top");
    }
    return lines.filter((line) => line !== "");
  }
}

const attempt = (id: string) => anAttempt({ name: id, attempt_id: id, duration_ms: 1500 });
const at = "2026-01-02T03:04:05.000Z";

function planned(count: number): RunEvent {
  const commands = Array.from({ length: count }, (_, index) => ({
    name: `${index}`,
    kind: "test" as const,
    required: true,
  }));
  return { type: "planned", at, run_id: "R", seq: 1, verb: "verify", commands };
}

function started(attempt: Attempt): RunEvent {
  return { type: "started", at, attempt };
}

function settled(attempt: Attempt): RunEvent {
  return { type: "settled", at, attempt };
}

const look = { color: false, columns: 80 };

Deno.test("on a terminal: a line a command, redrawn in place, erased in the end", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  shown.hear(planned(3));
  shown.hear(started(attempt("build")));
  shown.hear(started(attempt("test")));
  await terminal.pass(1_250);
  assertEquals(terminal.screen(), [
    "⠹ build    1.2s  running",
    "⠹ test     1.2s  running",
    "0 of 3 done · 1.2s",
  ]);
  shown.hear(settled(attempt("build")));
  shown.hear(started(attempt("lint")));
  await terminal.pass(750);
  assertEquals(terminal.screen(), [
    "✓ build    1.5s  pass  exit code 0",
    "⠋ test       2s  running",
    "⠋ lint    750ms  running",
    "1 of 3 done · 2s",
  ]);
  shown.hear(settled({ ...attempt("test"), verdict: "fail" }));
  assertStringIncludes(terminal.screen().at(-1)!, "2 of 3 done · 1 not passed");
  shown.end();
  shown.end();
  assertEquals(terminal.screen(), []);
  const before = terminal.written;
  await terminal.pass(1_000);
  assertEquals(terminal.written, before);
});

Deno.test("on a terminal: what is over in a blink is never drawn", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  shown.hear(started(attempt("build")));
  shown.hear(settled(attempt("build")));
  shown.end();
  await terminal.pass(500);
  assertEquals(terminal.written, "");
});

Deno.test("on a terminal: a tick that was due does not draw after the end", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  shown.hear(started(attempt("build")));
  await terminal.pass(150);
  terminal.wake();
  shown.end();
  await terminal.pass(500);
  assertEquals(terminal.screen(), []);
});

Deno.test("on a terminal: lines fit the width, also after it was made narrower", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  shown.hear(started(attempt("a-name-that-is-longer-than-the-terminal-is-wide")));
  await terminal.pass(150);
  assert(terminal.screen().every((line) => displayWidth(line) < 40));
  terminal.width = 20;
  terminal.written = "";
  await terminal.pass(100);
  // Two lines of 39 and 18 columns stood there; at 20 columns they take two rows and one.
  assert(terminal.written.startsWith("\x1b[3A\r"), JSON.stringify(terminal.written.slice(0, 8)));
  assert(
    terminal.written.split("\n").every((line) => displayWidth(line.replace("\x1b[K", "")) < 30),
  );
  shown.end();
});

Deno.test("on a terminal: many commands do not scroll it", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  for (let index = 0; index < 64; index++) shown.hear(started(attempt(`runner${index}`)));
  await terminal.pass(150);
  assertEquals(terminal.screen().length, 11);
  assertStringIncludes(terminal.screen().at(-1)!, "0 of 64 done · 54 more running");
  for (let index = 0; index < 60; index++) shown.hear(settled(attempt(`runner${index}`)));
  assertEquals(terminal.screen().filter((line) => line.includes("running")).length, 4);
  assertEquals(terminal.screen().length, 11);
  shown.end();
});

Deno.test("elsewhere: a plain line a minute for what still runs, and no row of the summary", async () => {
  const terminal = new Terminal(false);
  terminal.width = 30;
  const shown = progress(terminal.io(), look);
  shown.hear(planned(2));
  shown.hear(started(attempt("build")));
  shown.hear(started(attempt("test")));
  await terminal.pass(1_000);
  shown.hear(settled(attempt("build")));
  await terminal.pass(60_000);
  shown.hear(settled({
    ...attempt("test"),
    verdict: "fail",
    reasons: [{ code: "exit_nonzero", message: "exit code 1\x1b[2J" }],
  }));
  shown.end();
  assertEquals(terminal.written, "… test still running after 1m\n");
});

Deno.test("names cannot move the cursor", async () => {
  const terminal = new Terminal(true);
  const shown = progress(terminal.io(), look);
  shown.hear(started(attempt("a\x1b[5Ab\nc")));
  await terminal.pass(150);
  assertStringIncludes(terminal.screen()[0]!, " ab c ");
  shown.end();
});
