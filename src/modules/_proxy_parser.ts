/** A parser in a worker: each side waits for the other, so that a report is never in memory as a whole. */

import type { ReportEvent, ReportParser } from "../plugin.ts";
import type { Io } from "../io.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type { Connection } from "./_connection.ts";
import type { Ask } from "./worker/protocol.ts";

/** What parsers work with besides the line to their worker. */
export interface ParserLimits {
  readonly io: Io;
  readonly connection: Connection;
  /** How long the worker may take for one batch of events, in milliseconds. */
  readonly timeoutMs: number;
}

/** Makes the parser. */
export function parserOf(
  manifest: PluginManifest["parsers"][number],
  index: number,
  limits: ParserLimits,
): ReportParser {
  return {
    ...manifest,
    async *parse(input, context) {
      const stop = new AbortController();
      const reader = input.getReader();
      const batches = new Batches(limits, stop);
      const { root, cwd, source } = context;
      const finished = limits.connection.call({
        call: { what: "parse", index, context: { root, cwd, source } },
        options: {},
        signal: stop.signal,
        ask: (question) => batches.asked(question, reader),
      });
      finished.then(() => batches.finish(), (error) => batches.fail(error));
      try {
        for (;;) {
          const events = await batches.next();
          if (events === undefined) return;
          yield events;
        }
      } finally {
        stop.abort(new Error("nobody reads on"));
        await reader.cancel();
      }
    },
  };
}

type Waiting<T> = { resolve(value: T): void; reject(error: unknown): void };

/** Hands batches from the worker's questions to whoever reads the events. */
class Batches {
  readonly #limits: ParserLimits;
  readonly #stop: AbortController;
  #batch: readonly ReportEvent[] | undefined;
  #taken: (() => void) | undefined;
  #reader: Waiting<readonly ReportEvent[] | undefined> | undefined;
  #end: { readonly error?: unknown } | undefined;
  /** Cancels the limit on the worker; there is none while the worker waits for us. */
  #working: AbortController | undefined;

  constructor(limits: ParserLimits, stop: AbortController) {
    this.#limits = limits;
    this.#stop = stop;
    this.#work();
  }

  async asked(
    question: Ask,
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<unknown> {
    this.#working?.abort();
    try {
      if (question.what === "chunk") return (await reader.read()).value;
      if (question.what !== "emit") throw new Error("this call cannot ask that");
      if (this.#taken) throw new Error("the batch before was not taken yet");
      const { checked, events } = await import("./_shapes.ts");
      this.#batch = checked(events, question.events) as readonly ReportEvent[];
      await new Promise<void>((resolve) => {
        this.#taken = resolve;
        this.#wake();
      });
      return null;
    } catch (error) {
      // A wrong event must not go by as if the parser had not yielded it.
      this.fail(error);
      throw error;
    } finally {
      this.#work();
    }
  }

  finish(): void {
    this.#end ??= {};
    this.#working?.abort();
    this.#wake();
  }

  fail(error: unknown): void {
    this.#end ??= { error };
    this.#working?.abort();
    this.#wake();
  }

  /** The next batch; `undefined` when the worker has finished. */
  next(): Promise<readonly ReportEvent[] | undefined> {
    this.#taken?.();
    this.#taken = undefined;
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#wake();
    });
  }

  #wake(): void {
    const reader = this.#reader;
    if (!reader) return;
    if (this.#batch) {
      this.#reader = undefined;
      const batch = this.#batch;
      this.#batch = undefined;
      reader.resolve(batch);
    } else if (this.#end) {
      this.#reader = undefined;
      if ("error" in this.#end) reader.reject(this.#end.error);
      else reader.resolve(undefined);
    }
  }

  #work(): void {
    if (this.#end) return;
    const { io, timeoutMs } = this.#limits;
    const working = this.#working = new AbortController();
    io.sleep(timeoutMs, working.signal).then(
      () => this.#stop.abort(new Error(`no events within ${timeoutMs} ms`)),
      () => {
        // The worker asked for something in time.
      },
    );
  }
}
