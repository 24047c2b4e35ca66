/** The worker's end of the line to assay: messages out, questions and their answers. */

import { apply, messageOf, sliceOf, stringify } from "./primordials.ts";
import { type Ask, type FromWorker, maxAsks, maxMessage, maxSentence } from "./protocol.ts";

/** What can be said to assay. */
export interface Link {
  /** Sends a call's end. What cannot cross, or is too large, becomes an error of the call. */
  settle(id: number, value: unknown): void;
  fail(id: number, error: unknown): void;
  ask(id: number, question: Ask): Promise<unknown>;
  /** Hands over parsed events, each as JSON; resolves when more are wanted. */
  emit(id: number, events: readonly string[]): Promise<unknown>;
  annotate(id: number, annotations: readonly unknown[]): void;
  warn(id: number, message: string): void;
  log(message: string): void;
  uncaught(message: string): void;
  /** Says that the end of a call is known. */
  heard(id: number): void;
  /** Hears what assay answers. */
  answered(ask: number, answer: { readonly value: unknown } | { readonly refusal: string }): void;
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

const sentence = (message: unknown) => sliceOf(`${message}`, 0, maxSentence);

/** Makes the link on the function that posts to assay. */
export function linkOn(post: (message: string) => void): Link {
  const waiting = new Map<number, Waiting>();
  const { get, set, delete: remove } = Map.prototype;
  let last = 0;

  const write = (text: string): void => {
    if (text.length > maxMessage) throw new RangeError("it is larger than 16 MiB");
    post(text);
  };
  const send = (message: FromWorker): void => write(stringify(message));

  const question = (text: (ask: number) => string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (waiting.size >= maxAsks) throw new Error(`more than ${maxAsks} questions at once`);
      const ask = ++last;
      write(text(ask));
      apply(set, waiting, [ask, { resolve, reject }]);
    });

  const fail = (id: number, error: unknown): void =>
    send({ type: "error", id, message: sentence(messageOf(error)) });

  return {
    fail,
    settle(id, value) {
      try {
        send({ type: "result", id, value });
      } catch (error) {
        fail(id, new TypeError(`what was returned cannot be handed over: ${messageOf(error)}`));
      }
    },
    ask: (id, asked) => question((ask) => stringify({ type: "ask", id, ask, question: asked })),
    emit: (id, events) =>
      question((ask) =>
        `{"type":"ask","id":${id},"ask":${ask},` +
        `"question":{"what":"emit","events":[${events.join(",")}]}}`
      ),
    annotate: (id, annotations) => send({ type: "annotate", id, annotations }),
    warn: (id, message) => send({ type: "warn", id, message: sentence(message) }),
    log: (message) => send({ type: "log", message: sentence(message) }),
    heard: (id) => send({ type: "heard", id }),
    uncaught: (message) => send({ type: "uncaught", message: sentence(message) }),
    answered(ask, answer) {
      const asked = apply(get, waiting, [ask]) as Waiting | undefined;
      if (!asked) return;
      apply(remove, waiting, [ask]);
      if ("refusal" in answer) asked.reject(new Error(answer.refusal));
      else asked.resolve(answer.value);
    },
  };
}
