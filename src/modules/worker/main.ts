/**
 * The first code of a plugin's worker. `deno task worker` bundles it with what it imports into
 * `worker_program.js`; assay adds the call of {@linkcode begin} with a literal import of the plugin, the only
 * thing that a worker without any permission may import.
 *
 * @module
 */

import type { Collector, ConfigTable, ProgramResult, Services } from "../../plugin.ts";
import { type CallTools, perform } from "./calls.ts";
import { realPathSync } from "./files.ts";
import { requirePermission } from "./grants.ts";
import { reader } from "./lazy.ts";
import { apply, lastIndex, messageOf, sliceOf, stringify } from "./primordials.ts";
import {
  type Ask,
  type FromWorker,
  maxAsks,
  maxMessage,
  maxSentence,
  maxWarnings,
  type ToWorker,
  type WorkerSetup,
} from "./protocol.ts";
import { harden } from "./realm.ts";
import { safeDeno, variable } from "./safe_deno.ts";

/** Most console lines that are passed to assay. */
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
  // Set by each call.
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
 * The runtime prints uncaught errors to standard error; here they are sent to assay, which ends this worker. No
 * code of the plugin may run in these listeners: what throws in one is printed.
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

/** Whatever still prints or reads standard input in the runtime ends up in these. */
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

// The worker's end of the line to assay: messages out, questions and their answers.

interface Link {
  /** Sends the result of a call. What cannot be serialised, or is too large, becomes an error of the call. */
  settle(id: number, value: unknown): void;
  fail(id: number, error: unknown): void;
  ask(id: number, question: Ask): Promise<unknown>;
  /** Passes on parsed events, each as JSON; resolves when more are wanted. */
  emit(id: number, events: readonly string[]): Promise<unknown>;
  annotate(id: number, annotations: readonly unknown[]): void;
  warn(id: number, message: string): void;
  log(message: string): void;
  uncaught(message: string): void;
  /** Confirms that the end of a call is known. */
  heard(id: number): void;
  answered(ask: number, answer: { readonly value: unknown } | { readonly refusal: string }): void;
}

type Waiting = { resolve(value: unknown): void; reject(error: Error): void };

const sentence = (message: unknown) => sliceOf(`${message}`, 0, maxSentence);

function linkOn(post: (message: string) => void): Link {
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

// The services of a plugin in a worker, with the worker's own permissions.

const { statSync, readTextFileSync, errors } = Deno;
const commandClass = reader<typeof Deno.Command>(Deno, "Command");

/** Larger files are not read for plugins. */
const maxTextBytes = 16 * 1024 * 1024;

/** Bytes kept of each stream of a program. */
const maxOutput = 1024 * 1024;

function servicesFor(
  { root, path }: WorkerSetup,
  options: ConfigTable,
  signal: AbortSignal,
  { warn, find }: { warn(message: string): void; find(name: string): Promise<string> },
): Services {
  return {
    options,
    root,
    signal,
    // deno-lint-ignore require-await -- the promise carries what synchronous reading throws
    readText: async (path) => readInside(root, path),
    run: (argv, { cwd = root, env = {} } = {}) =>
      runProgram(find, signal, argv, { cwd, env: { PATH: path, ...env } }),
    program: find,
    env: variable,
    warn,
  };
}

function readInside(root: string, path: string): string | undefined {
  try {
    const real = realPathSync(path[0] === "/" ? path : `${root}/${path}`);
    if (root !== "/" && !real.startsWith(`${root}/`)) return undefined;
    const info = statSync(real);
    if (!info.isFile) return undefined;
    if (info.size > maxTextBytes) throw new Error(`${path} is larger than 16 MiB`);
    return readTextFileSync(real);
  } catch (error) {
    if (error instanceof errors.NotFound || error instanceof errors.NotADirectory) return undefined;
    throw error;
  }
}

async function runProgram(
  find: (name: string) => Promise<string>,
  signal: AbortSignal,
  argv: readonly string[],
  { cwd, env }: Required<NonNullable<Parameters<Services["run"]>[1]>>,
): Promise<ProgramResult> {
  signal.throwIfAborted();
  const [named, ...args] = argv.map(String);
  if (named === undefined) throw new TypeError("run needs a program");
  const program = lastIndex(named, "/") >= 0 ? named : await find(named);
  requirePermission({ name: "run", command: program });
  const Command = commandClass();
  const child = new Command(program, {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const [stdout, stderr, status] = await Promise.all([
      beginning(child.stdout),
      beginning(child.stderr),
      child.status,
    ]);
    return { exitCode: status.signal === null ? status.code : null, stdout, stderr };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** The first {@linkcode maxOutput} bytes of a stream as text; the rest is read and dropped. */
async function beginning(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = maxOutput;
  for await (const chunk of stream) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
