import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Annotation, Attempt, Event } from "../model.ts";
import type { Annotator, NewAnnotation, RunContext } from "../plugin.ts";
import { realIo } from "../real_io.ts";
import { anAttempt, anEvent, aRun } from "../../tests/records.ts";
import { withFolder } from "../../tests/support.ts";
import { openStore } from "../store/mod.ts";
import type { Store } from "../store/types.ts";
import { annotateEagerly, type AnnotateHost, annotateStored, type Subject } from "./annotate.ts";
import { pluginsOf } from "./plugins.ts";

const real = realIo();
/** Limits of a minute are over in a tenth of a second. */
const io = { ...real, sleep: (ms: number, signal?: AbortSignal) => real.sleep(ms / 600, signal) };

const attempt: Attempt = anAttempt({
  name: "test",
  verdict: "fail",
  exit_code: 1,
  command: "make test",
  reasons: [{ code: "tests_failed", message: "2 of 5 tests failed" }],
});
const run = aRun({ attempts: [attempt] });

const events: readonly Event[] = [1, 2, 3, 4, 5].map((index) =>
  anEvent({ index, status: index % 2 === 0 ? "failed" : "passed", name: `test ${index}` })
);

interface Stage {
  readonly store: Store;
  readonly attempt: Attempt;
  readonly subject: Subject;
  /** Runs these annotators, eager or not as they are. */
  eagerly(...annotators: Annotator[]): Promise<readonly string[]>;
  stored(...annotators: Annotator[]): ReturnType<typeof annotateStored>;
  /** What is kept: reference, annotator, key and text. */
  said(): string[];
}

function onStage(body: (stage: Stage) => Promise<void>): Promise<void> {
  return withFolder(async (root) => {
    const store = await openStore(io, root);
    const writer = await store.startRun(run, ["test"]);
    const { ref } = writer.startAttempt(attempt);
    await writer.addEvents(attempt.attempt_id, events);
    const known = { ...attempt, ref };
    const subject = { run, attempt: known, extensionData: { env: { A: "1" } } };
    const host = (annotators: readonly Annotator[]): AnnotateHost => ({
      io,
      project: { root, extensions: { order: [], callTimeoutMs: 10_000 } },
      store,
      plugins: pluginsOf([{
        plugin: { name: "fake", annotators },
        options: { tone: "loud" },
        source: "built-in",
      }], []),
    });
    await body({
      store,
      attempt: known,
      subject,
      eagerly: (...annotators) => annotateEagerly(subject, host(annotators)),
      stored: (...annotators) => annotateStored(subject, host(annotators)),
      said: () => store.annotations(attempt.attempt_id).map(line),
    });
    store.close();
  });
}

function line({ ref, annotator, key, text }: Annotation): string {
  return `${ref} ${annotator} ${key}: ${text}`;
}

function annotator(
  name: string,
  annotate: (context: RunContext) => void | Promise<void>,
  more: Partial<Annotator> = {},
): Annotator {
  return { name, eager: false, shouldAnnotate: () => true, annotate, ...more };
}

const note = (text: string, more: Partial<NewAnnotation> = {}): NewAnnotation => ({
  type: "note",
  display: "inline",
  text,
  ...more,
});

Deno.test("an annotator sees the attempt, its events and the history, and what it says is kept", () =>
  onStage(async ({ stored, said, attempt, subject }) => {
    const seen: unknown[] = [];
    const { results, warnings } = await stored(annotator("looker", async (context) => {
      const { runId, attemptId, ref, exitCode, durationMs, metadata, extensionData } = context;
      assertEquals([runId, attemptId, ref], [run.run_id, attempt.attempt_id, "test:1"]);
      assertEquals([exitCode, durationMs, context.sourceRoot], [1, 1200, context.root]);
      assertEquals(metadata, {
        name: "test",
        kind: "test",
        command: "make test",
        cwd: ".",
        startedAt: attempt.started_at,
        verdict: "fail",
        reasons: attempt.reasons,
        commit: subject.run.commit,
      });
      assertEquals([extensionData, context.options], [{ env: { A: "1" } }, { tone: "loud" }]);
      for await (const { index } of context.events()) seen.push(index);
      for await (const event of context.events({ problems: true })) {
        seen.push(event.index);
        context.addAnnotation(event, note(`of ${event.name}`));
      }
      context.addAnnotation(0, note("of the whole", { key: "whole" }));
      const found = await context.query({ from: "events", where: { name: "test 4" } });
      seen.push(found[0]!.ref);
      context.warn("mind the gap");
    }));
    assertEquals(seen, [1, 2, 3, 4, 5, 2, 4, "test:1:4"]);
    assertEquals(said(), [
      "test:1 looker whole: of the whole",
      "test:1:2 looker note: of test 2",
      "test:1:4 looker note: of test 4",
    ]);
    assertEquals(results, [{ annotator: "looker", written: 3, removed: 0, failed: false }]);
    assertEquals(warnings, ['annotator "looker": mind the gap']);
  }));

Deno.test("in a run the eager ones speak, on demand the others", () =>
  onStage(async ({ eagerly, stored, said }) => {
    const all = [
      annotator("lazy", ({ addAnnotation }) => addAnnotation(1, note("late"))),
      annotator("keen", ({ addAnnotation }) => addAnnotation(1, note("early")), { eager: true }),
    ];
    assertEquals(await eagerly(...all), []);
    assertEquals(said(), ["test:1:1 keen note: early"]);
    await stored(...all);
    assertEquals(said(), ["test:1:1 keen note: early", "test:1:1 lazy note: late"]);
  }));

Deno.test("annotating twice is annotating once; what is not said any more is gone", () =>
  onStage(async ({ stored, said }) => {
    let texts = ["a", "b"];
    const speaker = annotator("speaker", ({ addAnnotation }) => {
      for (const text of texts) addAnnotation(2, note(text, { key: text }));
    });
    await stored(speaker);
    const once = said();
    assertEquals((await stored(speaker)).results[0]!.removed, 0);
    assertEquals(said(), once);
    texts = ["b"];
    assertEquals((await stored(speaker)).results[0]!.removed, 1);
    assertEquals(said(), ["test:1:2 speaker b: b"]);
    // It has nothing to say of this command any more.
    await stored({ ...speaker, shouldAnnotate: () => false });
    assertEquals(said(), []);
  }));

Deno.test("one that throws on one event keeps what it had said, and the others run", () =>
  onStage(async ({ stored, said }) => {
    const thrower = annotator("thrower", async (context) => {
      for await (const event of context.events()) {
        if (event.index === 3) throw new Error("cannot bear event 3");
        context.addAnnotation(event, note("fine"));
      }
    });
    const { results, warnings } = await stored(
      thrower,
      annotator("other", ({ addAnnotation }) => addAnnotation(5, note("here"))),
    );
    assertEquals(said(), [
      "test:1:1 thrower note: fine",
      "test:1:2 thrower note: fine",
      "test:1:5 other note: here",
    ]);
    assertEquals(results.map(({ failed, written }) => [failed, written]), [[true, 2], [false, 1]]);
    assertEquals(warnings, [
      'annotator "thrower", annotate: cannot bear event 3 (annotations kept: 2)',
    ]);
    // What it said of event 5 when it was well is not lost by a failure.
    await stored({ ...thrower, annotate: ({ addAnnotation }) => addAnnotation(5, note("well")) });
    await stored(thrower);
    assertEquals(said().filter((text) => text.includes("thrower")).length, 3);
  }));

Deno.test("shouldAnnotate that throws costs that annotator alone", () =>
  onStage(async ({ eagerly, said }) => {
    const fails = (name: string, shouldAnnotate: Annotator["shouldAnnotate"]) =>
      annotator(name, ({ addAnnotation }) => addAnnotation(1, note("never")), {
        eager: true,
        shouldAnnotate,
      });
    const warnings = await eagerly(
      fails("first", () => Promise.reject(new Error("not today"))),
      annotator("third", ({ addAnnotation }) => addAnnotation(1, note("said")), { eager: true }),
    );
    assertEquals(warnings, [
      'annotator "first", shouldAnnotate: not today',
    ]);
    assertEquals(said(), ["test:1:1 third note: said"]);
  }));

Deno.test("one that hangs ends by its limit, and what it says afterwards is refused", () =>
  onStage(async ({ eagerly, stored, said }) => {
    let late: RunContext | undefined;
    const hangs = annotator("hangs", (context) => {
      late = context;
      context.addAnnotation(1, note("before"));
      return new Promise(() => {});
    });
    assertMatch((await stored(hangs)).warnings[0]!, /"hangs", annotate: no answer within 1m/);
    assertMatch((await eagerly({ ...hangs, eager: true }))[0]!, /no answer within 10s/);
    let refused = "";
    try {
      late!.addAnnotation(2, note("after"));
    } catch (error) {
      refused = String(error);
    }
    assertMatch(refused, /its call has ended/);
    assertEquals(said(), ["test:1:1 hangs note: before"]);
  }));

Deno.test("one that reads the events forever ends by its limit", () =>
  onStage(async ({ stored }) => {
    let rounds = 0;
    const { warnings } = await stored(annotator("reader", async ({ events }) => {
      for (;;) for await (const _ of events()) rounds++;
    }));
    assertMatch(warnings[0]!, /"reader", annotate: no answer within 1m/);
    const then = rounds;
    await real.sleep(120);
    assert(rounds - then <= events.length, "it still reads");
  }));

Deno.test("a run that is stopped does not wait for an annotator", () =>
  onStage(async ({ store, subject }) => {
    const stop = new AbortController();
    stop.abort("SIGINT received");
    const hangs = annotator("hangs", () => new Promise(() => {}), { eager: true });
    const [warning] = await annotateEagerly(subject, {
      io: { ...real, sleep: (_ms, signal) => real.sleep(30_000, signal) },
      project: { root: "/", extensions: { order: [], callTimeoutMs: 10_000 } },
      store,
      plugins: pluginsOf([{
        plugin: { name: "fake", annotators: [hangs] },
        options: {},
        source: "built-in",
      }], []),
      signal: stop.signal,
    });
    assertMatch(warning!, /SIGINT received/);
  }));

Deno.test("an annotator cannot change the attempt it is shown", () =>
  onStage(async ({ eagerly, attempt, subject }) => {
    const before = JSON.stringify([attempt, subject]);
    await eagerly(annotator("forger", ({ metadata, extensionData }) => {
      (metadata.reasons as unknown[]).length = 0;
      Object.assign(metadata, { verdict: "pass" });
      Object.assign(extensionData.env!, { A: "2" });
    }, { eager: true }));
    assertEquals(JSON.stringify([attempt, subject]), before);
  }));

const bad: readonly (readonly [unknown, unknown, RegExp])[] = [
  [6, note("x"), /there is no event 6; there are 5/],
  [-1, note("x"), /there is no event -1/],
  [1.5, note("x"), /there is no event 1\.5/],
  [anEvent({ index: 99 }), note("x"), /there is no event 99/],
  [1, note("x", { type: "" }), /type is not a text of 1 to 200/],
  [1, note("x", { type: "t".repeat(201) }), /type is not a text of 1 to 200/],
  [1, note("x", { key: "k".repeat(201) }), /key is not a text of 1 to 200/],
  [1, note("ä".repeat(8 * 1024 + 1)), /text is larger than 16384 bytes/],
  [1, note("x", { data: { long: "l".repeat(64 * 1024) } }), /data is larger than 65536 bytes/],
];

Deno.test("a bad annotation is that annotator's failure, reported with what is wrong", () =>
  onStage(async ({ stored, said }) => {
    for (const [event, annotation, why] of bad) {
      const { warnings } = await stored(annotator("bad", ({ addAnnotation }) => {
        addAnnotation(2, note("good"));
        addAnnotation(event as number, annotation as NewAnnotation);
      }));
      assertMatch(warnings[0] ?? "none", /^annotator "bad", annotate: /);
      assert(why.test(warnings[0]!), warnings[0]);
      assertEquals(said(), ["test:1:2 bad note: good"]);
    }
  }));

Deno.test("what is just within the limits is taken", () =>
  onStage(async ({ stored, store, attempt }) => {
    const { warnings } = await stored(annotator("full", ({ addAnnotation }) => {
      addAnnotation(5, {
        type: "t".repeat(200),
        key: "k".repeat(200),
        display: "hidden",
        text: "ä".repeat(8 * 1024),
        data: { long: "l".repeat(64 * 1024 - 11) },
      });
    }));
    assertEquals(warnings, []);
    assertEquals(store.annotations(attempt.attempt_id)[0]!.text!.length, 8 * 1024);
  }));

Deno.test("no more than 10,000 annotations a call, and no more than 64 MiB", () =>
  onStage(async ({ stored, store, attempt }) => {
    const many = await stored(annotator("many", ({ addAnnotation }) => {
      for (let at = 0; at <= 10_000; at++) addAnnotation(1, note("x", { key: String(at) }));
    }));
    assertMatch(
      many.warnings[0]!,
      /more than 10000 annotations \(annotations kept: 10000\)/,
    );
    assertEquals(store.annotations(attempt.attempt_id).length, 10_000);
    const data = { long: "l".repeat(60 * 1024) };
    const big = await stored(annotator("big", ({ addAnnotation }) => {
      for (let at = 0; at < 5_000; at++) addAnnotation(1, note("x", { data }));
    }));
    assertMatch(big.warnings[0]!, /are larger than 67108864 bytes/);
  }));

Deno.test("a flood of warnings is cut", () =>
  onStage(async ({ stored }) => {
    const { warnings } = await stored(annotator("loud", ({ warn }) => {
      for (let at = 0; at < 1_000; at++) warn(`warning ${at}`);
    }));
    assertEquals(warnings.length, 101);
    assertEquals(warnings.at(-1), 'annotator "loud": more messages of plugins were not kept');
  }));

Deno.test("an invalid query throws in the annotator, and is its failure", () =>
  onStage(async ({ stored }) => {
    const { warnings } = await stored(annotator("curious", async ({ query }) => {
      await query({ from: "secrets" as "runs" });
    }));
    assertMatch(warnings[0]!, /Cannot query the history: unknown table "secrets"/);
  }));
