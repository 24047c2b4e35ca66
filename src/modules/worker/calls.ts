/** Calls the plugin's functions, each with what the contract promises. */

import type {
  Collector,
  Event,
  ExecutionResult,
  ExtensionStore,
  Json,
  NewAnnotation,
  ParseContext,
  Plugin,
  ReportEvent,
  ReportParser,
  RunContext,
  Services,
} from "../../plugin.ts";
import { maxFilesBytes } from "../../sandbox/wrapped.ts";
import { apply, stringify } from "./primordials.ts";
import type { Ask, Call, OutputData, ResultData, RunData, SpecData } from "./protocol.ts";

/** What a call has available, in a worker or in assay's own process. */
export interface CallTools {
  readonly services: Services;
  /** Collectors that were returned, by number. */
  readonly collectors: Map<number, Collector>;
  ask(question: Ask): Promise<unknown>;
  /** Passes on parsed events, each as JSON; resolves when more are wanted. */
  emit(events: readonly string[]): Promise<unknown>;
  annotate(annotations: readonly unknown[]): void;
}

export async function perform(exported: unknown, call: Call, tools: CallTools): Promise<unknown> {
  if (call.what === "describe") return describe(exported);
  const { services } = tools;
  const { extensions = [], engines = [], annotators = [], parsers = [] } = exported as Plugin;
  switch (call.what) {
    case "validate":
      return await at(extensions, call.index).validate?.(call.config, services);
    case "prepare": {
      const spec = { ...call.spec, collectors: [] };
      const before = fixedIn(call.spec);
      const returned = await at(extensions, call.index).prepare(spec, services);
      return prepared(returned, before, tools);
    }
    case "store": {
      const store = storing();
      const result = collectable(call.result, tools);
      const spec = withoutCollectors(call.spec);
      await at(extensions, call.index).store?.(spec, result, store, services);
      return store.entries();
    }
    case "probe":
      return await at(engines, call.index).probe?.({ ...call.host, ...services });
    case "review": {
      const engine = at(engines, call.index);
      return engine.review ? await engine.review(call.sandbox, call.facts) : {};
    }
    case "wrap": {
      const context = { ...call.context, ...services };
      return wrapping(await at(engines, call.index).wrap(call.argv, call.sandbox, context));
    }
    case "collector": {
      const context = { ...call.context, ...services };
      const made = await at(engines, call.index).collector?.(call.sandbox, context);
      return made === undefined ? null : handOut(made, tools);
    }
    case "collect": {
      const collector = tools.collectors.get(call.collector);
      if (!collector) throw new Error("it no longer exists: the worker that created it was ended");
      tools.collectors.delete(call.collector);
      return await collected(collector, call.spec, collectable(call.result, tools), services);
    }
    case "shouldAnnotate":
    case "annotate": {
      const annotator = at(annotators, call.index);
      return await annotating(call.context, tools, (context) => annotator[call.what](context));
    }
    case "parse":
      return await parsing(at(parsers, call.index), call.context, tools);
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error("the plugin no longer provides this");
  return found;
}

const withoutCollectors = (spec: SpecData) => ({ ...spec, collectors: [] });

let lastCollector = 0;

function handOut(collector: Collector, { collectors }: CallTools): number {
  if (typeof collector?.collect !== "function") {
    throw new TypeError("returned a collector that is not an object with a function collect");
  }
  collectors.set(++lastCollector, collector);
  return lastCollector;
}

/** What a collector adds; denials that existed before the call are not its own. */
async function collected(
  collector: Collector,
  spec: SpecData,
  result: ExecutionResult,
  services: Services,
): Promise<unknown> {
  const before = new Set<unknown>(result.denials);
  await collector.collect(withoutCollectors(spec), result, services);
  const { metrics, artifacts, denials } = result;
  return { metrics, artifacts, denials: denials.filter((each) => !before.has(each)) };
}

const fixed = [
  "originalCommand",
  "commandName",
  "attemptId",
  "workspace",
  "liveDir",
  "extensionData",
] as const;

/** What an extension may not change, as text: its plugin may change the object itself. */
function fixedIn(spec: Partial<SpecData>): Map<string, string> {
  return new Map(fixed.filter((key) => key in spec).map((key) => [key, JSON.stringify(spec[key])]));
}

/** The fields of a command that an extension may change; its collectors by their numbers. */
function prepared(
  returned: unknown,
  before: ReadonlyMap<string, string>,
  tools: CallTools,
): unknown {
  if (typeof returned !== "object" || returned === null) return returned;
  for (const [key, text] of fixedIn(returned)) {
    if (text !== before.get(key)) throw new TypeError(`changed ${key}, which is fixed`);
  }
  const { command, cwd, env, timeoutMs, shell, wrappers, collectors = [] } = returned as
    & SpecData
    & { readonly collectors?: readonly Collector[] };
  return {
    command,
    cwd,
    env,
    timeoutMs,
    shell,
    wrappers,
    collectors: Array.isArray(collectors)
      ? collectors.map((each) => handOut(each, tools))
      : collectors,
  };
}

// What an engine's `wrap` returned, as JSON can carry it: files as Base64.

/** Bytes that are converted to text in one call. */
const chunk = 8192;

/**
 * Converts files to text. What is too large is refused before it is copied: a copy could end the whole program.
 * The receiver checks everything else.
 */
function wrapping(made: unknown): unknown {
  if (typeof made !== "object" || made === null || Array.isArray(made)) return made;
  const { files, ...others } = made as { readonly files?: unknown };
  if (typeof files !== "object" || files === null || Array.isArray(files)) return made;
  let left = maxFilesBytes;
  const texts = Object.entries(files).map(([name, bytes]) => {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(`the file ${name} must be a Uint8Array`);
    }
    left -= bytes.length;
    if (left < 0) throw new RangeError(`its files have more than ${maxFilesBytes} bytes in all`);
    return [name, base64(bytes)];
  });
  return { ...others, files: Object.fromEntries(texts) };
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += chunk) {
    text += String.fromCharCode(...bytes.subarray(start, start + chunk));
  }
  return btoa(text);
}

// Runs a plugin's parser: bytes are requested, events are passed on when they are wanted.

/** Characters of events in one message. */
const batchSize = 512 * 1024;

const batchCount = 2000;

/** Parses to the end. Neither side runs ahead of the other by more than one batch. */
async function parsing(
  parser: ReportParser,
  context: ParseContext,
  tools: CallTools,
): Promise<null> {
  const input = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await tools.ask({ what: "chunk" });
      if (chunk instanceof Uint8Array) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  let batch: string[] = [];
  let size = 0;
  for await (const events of parser.parse(input, context)) {
    for (const event of Array.isArray(events) ? events : [events as ReportEvent]) {
      const text = stringify(event) as string | undefined ?? "null";
      batch.push(text);
      size += text.length;
      if (size < batchSize && batch.length < batchCount) continue;
      await tools.emit(batch);
      batch = [];
      size = 0;
    }
  }
  if (batch.length > 0) await tools.emit(batch);
  return null;
}

// What an extension's `store` sets, within the limits of the contract.

/** Bytes of one value, and of all that one call sets, as JSON in UTF-8. */
const maxValue = 64 * 1024;
const maxTotal = 1024 * 1024;

const maxKey = 200;

const { create, entries: entriesOf } = Object;
const encoder = new TextEncoder();
const { encode } = TextEncoder.prototype;

/** A store that keeps what is set until the call has succeeded. */
interface Storing extends ExtensionStore {
  /** What was set, by key. */
  entries(): [string, Json][];
}

/** Creates the store. What is too large is refused before it is copied: a copy could end the whole program. */
function storing(): Storing {
  const kept: Record<string, { readonly text: string; readonly bytes: number }> = create(null);
  let total = 0;
  return {
    set(key, value) {
      if (typeof key !== "string" || key.length > maxKey) {
        throw new TypeError(`store.set: a key must be a string of 1 to ${maxKey} characters`);
      }
      const text = jsonOf(key, value);
      const bytes = apply(encode, encoder, [text]).length;
      if (bytes > maxValue) throw tooLarge(key, `has ${bytes} bytes`);
      const sum = total + bytes - (kept[key]?.bytes ?? 0);
      if (sum > maxTotal) {
        throw new RangeError(`store.set: with "${key}" it is more than ${maxTotal} bytes in all`);
      }
      total = sum;
      kept[key] = { text, bytes };
    },
    entries: () => entriesOf(kept).map(([key, { text }]) => [key, JSON.parse(text)]),
  };
}

function jsonOf(key: string, value: Json): string {
  let least = 0;
  const text = stringify(value, (name: string, part: unknown) => {
    least += name.length + (typeof part === "string" ? part.length : 1);
    if (least > maxValue) throw tooLarge(key, `has more than ${maxValue} bytes`);
    return part;
  }) as string | undefined;
  if (text === undefined) throw new TypeError(`store.set: the value of "${key}" is not JSON`);
  return text;
}

function tooLarge(key: string, has: string): RangeError {
  return new RangeError(`store.set: "${key}" ${has} as JSON; at most ${maxValue} are kept`);
}

// What calls get in addition to plain data: results, the context of annotators.

/** A result whose outputs are requested from assay. */
function collectable(result: ResultData, tools: CallTools): ExecutionResult {
  const output = (stream: "stdout" | "stderr", data: OutputData) => ({
    ...data,
    readText: async ({ from, bytes }: { readonly from?: number; readonly bytes?: number } = {}) =>
      await tools.ask({
        what: "output",
        stream,
        from: from ?? null,
        bytes: bytes ?? null,
      }) as string,
  });
  return {
    ...result,
    stdout: output("stdout", result.stdout),
    stderr: output("stderr", result.stderr),
  };
}

/** Annotations are sent to assay in batches, so that those of a call that never ends are not lost. */
const annotationsAtOnce = 64;

/** Calls an annotator. What it added is passed on even when it throws. */
async function annotating<T>(
  data: RunData,
  tools: CallTools,
  call: (context: RunContext) => T | Promise<T>,
): Promise<T> {
  const { services } = tools;
  let added: unknown[] = [];
  let readings = 0;
  const flush = (): void => {
    const part = added;
    added = [];
    if (part.length > 0) tools.annotate(part);
  };
  const context: RunContext = {
    ...data,
    ...services,
    events: ({ problems = false } = {}) =>
      eventsOf(tools, { what: "events", cursor: ++readings, problems }),
    query: async (query) =>
      await tools.ask({ what: "query", query }) as Awaited<ReturnType<RunContext["query"]>>,
    addAnnotation(event: Event | number, annotation: NewAnnotation) {
      added.push({ event: typeof event === "number" ? event : event?.index, annotation });
      if (added.length >= annotationsAtOnce) flush();
    },
  };
  try {
    return await call(context);
  } finally {
    flush();
  }
}

async function* eventsOf(
  tools: CallTools,
  question: { readonly what: "events"; readonly cursor: number; readonly problems: boolean },
): AsyncGenerator<Event> {
  for (;;) {
    const page = await tools.ask(question) as {
      readonly events: readonly Event[];
      readonly done: boolean;
    };
    yield* page.events;
    if (page.done) return;
  }
}

// Describes a module's default export as plain data: functions become the word `function`. It does not judge: in a
// worker it runs in the plugin's own realm.

/** Which keys of which part are data, and which say only what type of thing is there. */
const parts = {
  extensions: { data: ["name", "configKey"], types: ["prepare", "validate", "store"] },
  engines: {
    data: ["name", "capabilities", "priority", "obtain"],
    types: ["wrap", "probe", "review", "collector"],
  },
  annotators: {
    data: ["name", "description", "eager"],
    types: ["shouldAnnotate", "annotate"],
  },
  parsers: { data: ["format", "description", "holds"], types: ["parse"] },
} as const;

const plain = ["name", "version", "description", "permissions", "runners"] as const;

/** Describes a default export; if it is not an object, by its type. */
function describe(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeOf(value);
  const plugin = value as Record<string, unknown>;
  const description: Record<string, unknown> = { keys: Object.keys(plugin) };
  for (const key of plain) {
    if (plugin[key] !== undefined) description[key] = plugin[key];
  }
  for (const [key, { data, types }] of Object.entries(parts)) {
    const list = plugin[key];
    if (list === undefined) continue;
    description[key] = Array.isArray(list)
      ? list.map((part) => describePart(part, data, types))
      : typeOf(list);
  }
  return description;
}

function describePart(
  value: unknown,
  data: readonly string[],
  types: readonly string[],
): unknown {
  if (typeof value !== "object" || value === null) return typeOf(value);
  const part = value as Record<string, unknown>;
  const description: Record<string, unknown> = {};
  for (const key of data) if (part[key] !== undefined) description[key] = part[key];
  for (const key of types) if (part[key] !== undefined) description[key] = typeOf(part[key]);
  return description;
}

function typeOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
