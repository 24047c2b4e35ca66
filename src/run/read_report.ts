/** Stage "parse": reads a report into events, and trusts its parser no more than necessary. */

import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Event } from "../model.ts";
import type { BrokenReportEvent, ParseContext, ReportEvent, ReportParser } from "../plugin.ts";
import { durationText } from "../text/words.ts";
import { emptyCounts, type Fingerprint, type ReportCounts, take } from "./counts.ts";

/** Events are passed on in batches of about this many. */
const batchSize = 1_000;

/** Events any report may hold, and bytes that allow one more each: `ok` in TAP is three. */
const freeEvents = 100_000;
const bytesPerEvent = 2;

/** How long a report is still read after its run was cancelled: what is there is evidence. In milliseconds. */
const cancelledMs = 1_000;

/** Takes a batch of events; the next is read when it has been taken. */
export type EventSink = (events: readonly Event[]) => Promise<void> | void;

/** When reading a report stops. */
export interface ReadingLimits {
  readonly io: Pick<Io, "sleep">;
  /** For the whole report, in milliseconds. */
  readonly timeoutMs: number;
  /** Of the run. */
  readonly signal: AbortSignal;
}

/**
 * Reads a report to its end or to where it breaks. Events go to `store` in batches. The report is not
 * complete when its parser throws, stops without saying that it came to the end, says so before it has seen
 * the end of the input or continues after it, yields more events than the report can hold, or takes too long.
 */
export async function readReport(
  parser: ReportParser,
  input: ReadableStream<Uint8Array>,
  context: ParseContext,
  fingerprint: Fingerprint,
  store: EventSink,
  limits?: ReadingLimits,
): Promise<ReportCounts> {
  const source = new Metered(input);
  const reading = new Reading(
    source,
    store,
    (event, counts, index) => take(event, counts, index, context, fingerprint),
  );
  const over = new AbortController();
  try {
    const events = parser.parse(source.stream, context)[Symbol.asyncIterator]();
    const read = reading.readAll(events);
    const stopped = limits ? stopOf(limits, over.signal) : undefined;
    const why = await (stopped ? Promise.race([read, stopped]) : read);
    if (why !== undefined) {
      reading.stop(why);
      // A parser that is stuck gets to this later, or never.
      Promise.resolve(events.return?.()).catch(() => {});
    }
  } catch (error) {
    // Evidence that cannot be kept (a full disk) says nothing about the report: it ends the run.
    if (reading.storing) throw error;
    reading.stop(malformed(`the ${parser.format} parser failed: ${messageOf(error)}`));
    reading.counts.complete = false;
  } finally {
    over.abort();
    await source.close(new Error("the rest of the report is not read"));
  }
  await reading.finish();
  return reading.counts;
}

/** Resolves with the reason when a limit stops the reading; never when `over` aborts first. */
async function stopOf(
  { io, timeoutMs, signal }: ReadingLimits,
  over: AbortSignal,
): Promise<BrokenReportEvent> {
  const late = io.sleep(timeoutMs, over).then(() =>
    `not read to its end within ${durationText(timeoutMs)}`
  );
  const cancelled = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true, signal: over });
  })
    .then(() => io.sleep(cancelledMs, over))
    .then(() => `not read to its end: ${signal.reason}`);
  try {
    return truncated(await Promise.race([late, cancelled]));
  } catch {
    // The report was read before: nothing waits for this any more.
    return await new Promise(() => {});
  }
}

type Take = (event: ReportEvent, counts: ReportCounts, index: number) => Event | undefined;

class Reading {
  readonly counts = emptyCounts();
  storing = false;
  readonly #source: Metered;
  readonly #store: EventSink;
  readonly #take: Take;
  #batch: Event[] = [];
  #index = 0;
  #seen = 0;
  #allowed = 0;
  #stopped = false;
  #kept: Promise<void> = Promise.resolve();

  constructor(source: Metered, store: EventSink, take: Take) {
    this.#source = source;
    this.#store = store;
    this.#take = take;
  }

  /** Takes events until there are no more, or {@linkcode stop}. */
  async readAll(
    events: AsyncIterator<ReportEvent | readonly ReportEvent[]>,
  ): Promise<undefined> {
    for await (const item of { [Symbol.asyncIterator]: () => events }) {
      if (this.#stopped) return;
      const list: readonly ReportEvent[] = Array.isArray(item) ? item : [item];
      // A parser that keeps yielding nothing does not end either.
      if (list.length === 0) this.#count();
      for (const event of list) {
        if (this.#stopped) return;
        this.#add(event);
      }
      if (this.#stopped) return;
      if (this.#batch.length >= batchSize) await this.#keep();
    }
  }

  /** Takes no more events. The first reason wins. */
  stop(why: BrokenReportEvent): void {
    this.#stopped = true;
    this.counts.broken ??= why;
  }

  /** Stores what is left, and judges what only the end shows. */
  async finish(): Promise<void> {
    this.#stopped = true;
    await this.#kept;
    if (this.#batch.length > 0) await this.#keep();
    const { bytes, ended } = this.#source;
    if (!ended || bytes > 0 || this.counts.tests.total === 0) return;
    this.counts.broken ??= malformed("the parser found tests in an empty report");
  }

  #add(reported: ReportEvent): void {
    if (this.counts.complete) {
      return this.stop(malformed("the parser yielded events after the end of the report"));
    }
    this.#count();
    if (this.#stopped) return;
    const event = this.#take(reported, this.counts, this.#index + 1);
    if (event !== undefined) {
      this.#index++;
      this.#batch.push(event);
    } else if (this.counts.complete && !this.#source.ended) {
      this.counts.broken ??= truncated("the parser ended before the report did");
    }
  }

  #count(): void {
    if (++this.#seen <= this.#allowed) return;
    const { bytes, ended } = this.#source;
    this.#allowed = freeEvents + Math.floor(bytes / bytesPerEvent);
    if (this.#seen <= this.#allowed) return;
    const report = ended
      ? `a report of ${bytes} bytes`
      : `the ${bytes} bytes it read of the report`;
    this.stop(malformed(`the parser yielded more events than ${report} can hold`));
  }

  async #keep(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.storing = true;
    this.#kept = (async () => await this.#store(batch))();
    await this.#kept;
    this.storing = false;
  }
}

function malformed(message: string): BrokenReportEvent {
  return { kind: "broken", reason: "malformed", message };
}

function truncated(message: string): BrokenReportEvent {
  return { kind: "broken", reason: "truncated", message };
}

/** A report as its parser reads it: what it did not pull, it did not read. */
class Metered {
  readonly stream: ReadableStream<Uint8Array>;
  /** Those that were read. */
  bytes = 0;
  /** Whether the reader has seen that nothing follows. */
  ended = false;
  #closed: Error | undefined;
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;

  constructor(input: ReadableStream<Uint8Array>) {
    this.#source = input.getReader();
    this.stream = new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => this.#source.cancel(reason),
    }, { highWaterMark: 0 });
  }

  /** Closes the report; whatever still reads it gets `reason` as an error. */
  async close(reason: Error): Promise<void> {
    this.#closed = reason;
    // A failed source fails again on cancel; its reader already knows.
    await this.#source.cancel(reason).catch(() => {});
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    const { done, value } = await this.#source.read();
    // A closed source ends as though that were the end of the report.
    if (this.#closed) throw this.#closed;
    if (done) {
      this.ended = true;
      return controller.close();
    }
    this.bytes += value.length;
    controller.enqueue(value);
  }
}
