/**
 * The connection to a plugin's worker: the first call starts it, it carries calls one way and questions back, and
 * it is ended when a call does not stop in time. Messages from a worker are text that is checked before
 * use; those that belong to no call are ignored.
 */

import { messageOf } from "../errors.ts";
import type { Io, WorkerHandle } from "../io.ts";
import type { ConfigTable, Services } from "../plugin.ts";
import { isTable } from "../text/values.ts";
import { safeParse } from "./_safe_json.ts";
import type { Ask, Call, ToWorker } from "./worker/protocol.ts";
import { maxAsks, maxMessage, maxSentence, maxWarnings } from "./worker/protocol.ts";

export interface CallListener {
  readonly warn?: (message: string) => void;
  readonly annotate?: (annotations: unknown) => void;
  /** Answers a question; throws when this kind of call may not ask it. */
  readonly ask?: (question: Ask) => Promise<unknown>;
}

export interface CallRequest extends CallListener {
  readonly call: Call;
  readonly options: ConfigTable;
  readonly signal: AbortSignal;
  /** What a plugin in assay's own process is lent; a worker has services of its own. */
  readonly services?: Partial<Services>;
}

export interface Connection {
  /**
   * Makes a call and resolves with what the worker returned: plain data from JSON, of any shape.
   *
   * @throws {Error} when the plugin threw or its worker ended; the signal's reason when it aborted.
   */
  call(request: CallRequest): Promise<unknown>;
  /** Starts what a call would start, because one will come. */
  warm(): void;
  /** Ends the worker and fails what it was doing. The next call starts another. */
  end(): void;
}

export interface Launch {
  readonly start: (listener: {
    message(data: unknown): void;
    died(message: string): void;
  }) => Promise<WorkerHandle>;
  readonly log: (message: string) => void;
  readonly program: (name: string) => Promise<string>;
}

const lost = "it did not give up control in an earlier call, and is not called again";

/** How long a worker may take to stop a call that was aborted, in milliseconds. */
const graceMs = 250;

interface Running extends CallListener {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** The worker knows that the call is over. */
  heard: boolean;
  warnings: number;
  asks: number;
}

interface Live {
  readonly handle: Promise<WorkerHandle>;
  readonly running: Map<number, Running>;
  ended: boolean;
}

export function connect(io: Io, launch: Launch): Connection {
  let live: Live | undefined;
  let lastId = 0;
  let isLost = false;

  function begin(): Live {
    const running = new Map<number, Running>();
    const begun: Live = {
      running,
      ended: false,
      handle: launch.start({
        message: (data) => hear(begun, data),
        died: (message) => end(begun, `its worker ended: ${sentence(message)}`),
      }),
    };
    // A worker that failed to start is dropped: the next call starts another.
    begun.handle.catch(() => end(begun, "its worker did not start"));
    return begun;
  }

  function end(worker: Live, why: string): void {
    if (worker.ended) return;
    worker.ended = true;
    if (live === worker) live = undefined;
    worker.handle.then((handle) => handle.terminate(), () => {});
    for (const { reject } of worker.running.values()) reject(new Error(why));
    worker.running.clear();
  }

  function hear(worker: Live, data: unknown): void {
    if (worker.ended || typeof data !== "string") return;
    if (data.length > maxMessage) return end(worker, "it sent more than 16 MiB at once");
    const message = safeParse(data);
    if (!isTable(message)) return;
    if (message.type === "uncaught") return end(worker, `it threw: ${sentence(message.message)}`);
    if (message.type === "log") return launch.log(sentence(message.message));
    const id = message.id;
    const call = typeof id === "number" ? worker.running.get(id) : undefined;
    if (!call) return;
    if (message.type === "heard") call.heard = true;
    else if (message.type === "warn" && call.warnings++ < maxWarnings) {
      call.warn?.(sentence(message.message));
    } else if (message.type === "annotate") annotate(worker, id as number, call, message);
    else if (message.type === "ask") answer(worker, call, message);
    else if (message.type === "result" || message.type === "error") {
      worker.running.delete(id as number);
      if (message.type === "result") call.resolve(message.value);
      else call.reject(new Error(sentence(message.message)));
    }
  }

  /** A refused annotation fails its call. */
  function annotate(
    worker: Live,
    id: number,
    call: Running,
    { annotations }: Record<string, unknown>,
  ): void {
    try {
      call.annotate?.(annotations);
    } catch (error) {
      worker.running.delete(id);
      call.reject(error);
    }
  }

  function answer(worker: Live, call: Running, { ask, question }: Record<string, unknown>): void {
    if (typeof ask !== "number" || !isTable(question)) return;
    if (call.asks >= maxAsks) return end(worker, `it asked more than ${maxAsks} questions at once`);
    call.asks++;
    const answered = async () => {
      if (question.what === "program") return await launch.program(String(question.name));
      if (!call.ask) throw new Error("this call has nothing to ask");
      return await call.ask(question as unknown as Ask);
    };
    answered().then(
      (value) => post(worker, { type: "answer", ask, value }),
      (error) => post(worker, { type: "refusal", ask, message: messageOf(error) }),
    ).finally(() => call.asks--);
  }

  function post(worker: Live, message: ToWorker): Promise<void> {
    return worker.handle.then((handle) => {
      if (!worker.ended) handle.post(message);
    });
  }

  return {
    async call({ call, options, signal, ...listener }) {
      signal.throwIfAborted();
      if (isLost) throw new Error(lost);
      const worker = live ??= begin();
      // The error that kept the worker from starting is passed on as it is.
      await worker.handle;
      signal.throwIfAborted();
      const id = ++lastId;
      let aborted = () => {};
      const finished = new Promise<unknown>((resolve, reject) => {
        if (worker.ended) return reject(new Error("its worker was ended"));
        worker.running.set(id, {
          ...listener,
          resolve,
          reject,
          heard: false,
          warnings: 0,
          asks: 0,
        });
        aborted = () => {
          reject(signal.reason);
          stop(worker, id);
        };
        signal.addEventListener("abort", aborted, { once: true });
        post(worker, { type: "call", id, call, options }).catch(reject);
      });
      try {
        return await finished;
      } finally {
        signal.removeEventListener("abort", aborted);
      }
    },
    warm() {
      if (!isLost) live ??= begin();
    },
    end() {
      if (live) end(live, "it was ended");
    },
  };

  /**
   * Tells the worker that a call is over, and ends the worker if the call does not stop. Deno
   * 2.9 does not really end a worker that never yields (its issue 35657): it runs until
   * assay ends. One such worker is acceptable, one per call is not.
   */
  function stop(worker: Live, id: number): void {
    post(worker, { type: "abort", id }).catch(() => {
      // It never started: there is nothing to stop.
    });
    io.sleep(graceMs).then(() => {
      const call = worker.running.get(id);
      if (!call) return;
      isLost ||= !call.heard;
      end(worker, "another of its calls did not stop");
    });
  }
}

/** A plugin's text on one line of a terminal: no control characters, limited length. */
function sentence(message: unknown): string {
  const text = typeof message === "string" ? message : "a value that is not text";
  // deno-lint-ignore no-control-regex -- they are what is taken out
  return text.slice(0, maxSentence).replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "\uFFFD");
}
