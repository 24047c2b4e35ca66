/**
 * The first code of a plugin's worker. `deno task worker` bundles it with what it imports into
 * `worker_program.js`; assay adds the call of {@linkcode begin} with a literal import of the plugin, which a
 * worker without any permission may import, and nothing else.
 *
 * @module
 */

import type { Collector } from "../../plugin.ts";
import { type CallTools, perform } from "./calls.ts";
import { type Link, linkOn } from "./link.ts";
import { apply, messageOf } from "./primordials.ts";
import { maxWarnings, type ToWorker, type WorkerSetup } from "./protocol.ts";
import { harden } from "./realm.ts";
import { safeDeno } from "./safe_deno.ts";
import { servicesFor } from "./services.ts";

/** Most lines of a worker's console that assay hears. */
const maxLogs = 1000;

/** Hardens the realm, then loads the plugin, then serves calls. */
export function begin(setup: WorkerSetup, load: () => Promise<{ readonly default?: unknown }>) {
  const post = (globalThis as unknown as { postMessage(message: string): void }).postMessage;
  const link = linkOn(post);
  const running = new Map<number, AbortController>();
  const collectors = new Map<number, Collector>();
  listenForErrors(link);
  addEventListener("message", (event) => hear((event as MessageEvent<ToWorker>).data));
  closeStreams();
  harden(globalThis, {
    deno: safeDeno(setup),
    log: limited(link.log, maxLogs),
    uncaught: link.uncaught,
  });

  const loaded = load();
  // Told by each call.
  loaded.catch(() => {});

  function hear(message: ToWorker): void {
    if (message.type === "call") void serve(message);
    else if (message.type === "abort") giveUp(message.id);
    else if (message.type === "answer") link.answered(message.ask, { value: message.value });
    else link.answered(message.ask, { refusal: message.message });
  }

  function giveUp(id: number): void {
    link.heard(id);
    running.get(id)?.abort();
  }

  async function serve({ id, call, options }: ToWorker & { readonly type: "call" }): Promise<void> {
    const stop = new AbortController();
    running.set(id, stop);
    const warn = limited((message) => link.warn(id, message), maxWarnings);
    const services = servicesFor(setup, options, stop.signal, {
      warn,
      find: async (name) => `${await link.ask(id, { what: "program", name })}`,
    });
    try {
      const exported = (await loaded).default;
      const tools: CallTools = {
        services,
        collectors,
        ask: (question) => link.ask(id, question),
        emit: (events) => link.emit(id, events),
        annotate: (annotations) => link.annotate(id, annotations),
      };
      link.settle(id, await perform(exported, call, tools));
    } catch (error) {
      link.fail(id, error);
    } finally {
      running.delete(id);
    }
  }
}

/**
 * The runtime prints errors that nobody caught to standard error; here they go to assay, which ends us. No
 * code of the plugin's may run in these listeners: what throws in one is printed.
 */
function listenForErrors(link: Link): void {
  const { preventDefault } = Event.prototype;
  const message = getter<string>(ErrorEvent.prototype, "message");
  const reason = getter<unknown>(PromiseRejectionEvent.prototype, "reason");
  addEventListener("error", (event) => {
    apply(preventDefault, event, []);
    link.uncaught(message(event));
  });
  addEventListener("unhandledrejection", (event) => {
    apply(preventDefault, event, []);
    link.uncaught(messageOf(reason(event)));
  });
}

function getter<T>(prototype: object, name: string): (object: object) => T {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name)!;
  return (object) => apply(get!, object, []);
}

/** Every way to print or to read standard input that is left in the runtime ends at these. */
function closeStreams(): void {
  Deno.stdin.close();
  Deno.stdout.close();
  Deno.stderr.close();
}

function limited(say: (message: string) => void, most: number): (message: string) => void {
  let left = most;
  return (message) => {
    if (left-- > 0) say(message);
  };
}
