/**
 * A plugin whose functions are calls over its connection: to the pipeline it is like any other. What it
 * provides is already known; a worker starts when one of its functions is called. Every result is checked by
 * its shape, from a worker and from assay's own process alike.
 */

import type {
  Annotator,
  Collector,
  CommandSpec,
  EngineHost,
  ExecutionResult,
  Extension,
  Json,
  NewAnnotation,
  Plugin,
  ReportEvent,
  ReportParser,
  RunContext,
  SandboxEngine,
  Services,
  WrapContext,
} from "../plugin.ts";
import type { Io } from "../io.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type { CallListener, Connection } from "./_connection.ts";
import type { EngineManifest } from "./_manifest.ts";
import type { Returned } from "./_shapes.ts";
import type {
  Ask,
  Call,
  Calls,
  HostData,
  ResultData,
  SpecData,
  WrapData,
} from "./worker/protocol.ts";

/** How many times one call may read its events at once. */
const maxReadings = 16;

const pageSize = 200;

interface ProxyParts {
  readonly io: Io;
  readonly connection: Connection;
  /** How long a parser may take for one batch of events, and a `review` in all, in milliseconds. */
  readonly timeoutMs: number;
  /** Splits an environment into what the plugin may see and the rest. */
  readonly environment: (env: Readonly<Record<string, string>>) => {
    readonly seen: Record<string, string>;
    readonly hidden: Record<string, string>;
  };
}

export function proxyOf(manifest: PluginManifest, parts: ProxyParts): Plugin {
  return {
    ...manifest,
    extensions: manifest.extensions.map((each, index) => extensionOf(each, index, parts)),
    engines: manifest.engines.map((each, index) => engineOf(each, index, parts)),
    annotators: manifest.annotators.map((each, index) => annotatorOf(each, index, parts)),
    parsers: manifest.parsers.map((each, index) => parserOf(each, index, parts)),
  };
}

/** A part of a plugin without the optional functions that it does not have. */
function having<T extends object>(part: T, has: { readonly [Key in keyof T]?: boolean }): T {
  const entries = Object.entries(part).filter(([key]) => has[key as keyof T] !== false);
  return Object.fromEntries(entries) as T;
}

function extensionOf(
  { name, configKey, validates, stores }: PluginManifest["extensions"][number],
  index: number,
  parts: ProxyParts,
): Extension {
  const extension: Extension = {
    name,
    configKey,
    async prepare(spec, services) {
      const { seen, hidden } = parts.environment(spec.env);
      const call = { what: "prepare", index, spec: { ...dataOf(spec), env: seen } } as const;
      const changed = await callWith(parts, services, call);
      return {
        ...spec,
        ...changed,
        // Variables it could not see stay unchanged, unless it sets them.
        env: { ...hidden, ...changed.env },
        collectors: [
          ...spec.collectors,
          ...changed.collectors.map((collector) => collectorOf(collector, parts)),
        ],
      };
    },
    validate: (config, services) => callWith(parts, services, { what: "validate", index, config }),
    async store(spec, result, store, services) {
      const data = { spec: specFor(spec, parts), result: resultOf(result) };
      const ask = outputs(result);
      const set = await callWith(parts, services, { what: "store", index, ...data }, { ask });
      for (const [key, value] of set) store.set(key, value as Json);
    },
  };
  return having(extension, { validate: validates, store: stores });
}

function annotatorOf(
  manifest: PluginManifest["annotators"][number],
  index: number,
  parts: ProxyParts,
): Annotator {
  const call = async <What extends "shouldAnnotate" | "annotate">(
    what: What,
    context: RunContext,
  ) => {
    const { checked, annotations: shape } = await shapesModule();
    const call = { what, index, context: runData(context) } as const;
    return await callWith<What>(parts, context, call as Arguments<What>, {
      ask: records(context),
      annotate(annotations) {
        for (const { event, annotation } of checked(shape, annotations)) {
          context.addAnnotation(event, annotation as NewAnnotation);
        }
      },
    });
  };
  return {
    ...manifest,
    shouldAnnotate: (context) => call("shouldAnnotate", context),
    annotate: async (context) => void await call("annotate", context),
  };
}

function runData(context: RunContext) {
  const { runId, attemptId, ref, sourceRoot, metadata, exitCode, durationMs, extensionData } =
    context;
  return { runId, attemptId, ref, sourceRoot, metadata, exitCode, durationMs, extensionData };
}

function records(context: RunContext): (question: Ask) => Promise<unknown> {
  const readings = new Map<number, AsyncIterator<unknown>>();
  return async (question) => {
    // The store checks every query.
    if (question.what === "query") return await context.query(question.query);
    if (question.what !== "events") throw notHere();
    const { checked, page } = await shapesModule();
    const { cursor, problems } = checked(page, question);
    let reading = readings.get(cursor);
    if (!reading) {
      if (readings.size >= maxReadings) {
        throw new Error(`more than ${maxReadings} readings at once`);
      }
      reading = context.events({ problems })[Symbol.asyncIterator]();
      readings.set(cursor, reading);
    }
    const events: unknown[] = [];
    while (events.length < pageSize) {
      const { done, value } = await reading.next();
      if (done) {
        readings.delete(cursor);
        return { events, done: true };
      }
      events.push(value);
    }
    return { events, done: false };
  };
}

function engineOf(
  { probes, reviews = true, collects, ...plain }:
    & PluginManifest["engines"][number]
    & EngineManifest,
  index: number,
  parts: ProxyParts,
): SandboxEngine {
  const engine: SandboxEngine = {
    ...plain,
    probe: (host) => callWith(parts, host, { what: "probe", index, host: hostData(host) }),
    review(sandbox, facts) {
      // It gets no services, and the time limit of any other call.
      const lent = { options: {}, signal: AbortSignal.timeout(parts.timeoutMs), warn: () => {} };
      return callWith(parts, lent, { what: "review", index, sandbox, facts });
    },
    wrap(argv, sandbox, context) {
      const data = { argv: [...argv], sandbox, context: wrapData(context, parts) };
      return callWith(parts, context, { what: "wrap", index, ...data });
    },
    async collector(sandbox, context) {
      const data = { sandbox, context: wrapData(context, parts) };
      const made = await callWith(parts, context, { what: "collector", index, ...data });
      return made === null ? undefined : collectorOf(made, parts);
    },
  };
  return having(engine, { probe: probes, review: reviews, collector: collects });
}

function hostData({ os, arch, self }: EngineHost): HostData {
  return { os, arch, self };
}

function wrapData(context: WrapContext, { environment }: ProxyParts): WrapData {
  const { attemptId, commandName, workspace, cwd, liveDir, tmpDir, resultFile } = context;
  const { filesDir, facts, descriptorsClosed, protectedPaths } = context;
  return {
    ...hostData(context),
    ...{ attemptId, commandName, workspace, cwd, liveDir, tmpDir, filesDir, facts },
    descriptorsClosed,
    protectedPaths: [...protectedPaths],
    ...(resultFile === undefined ? {} : { resultFile }),
    environment: environment(context.environment).seen,
  };
}

// A parser: each side waits for the other, so that a report is never entirely in memory.

function parserOf(
  manifest: PluginManifest["parsers"][number],
  index: number,
  { io, connection, timeoutMs }: ProxyParts,
): ReportParser {
  return {
    ...manifest,
    async *parse(input, { root, cwd, source }) {
      const stop = new AbortController();
      const reader = input.getReader();
      const { readable, writable } = new TransformStream<readonly ReportEvent[]>();
      const events = writable.getWriter();
      /** Pauses the worker's time limit: none applies while the worker waits for us. */
      let working: AbortController;
      const work = () => {
        working = new AbortController();
        io.sleep(timeoutMs, working.signal).then(
          () => stop.abort(new Error(`no events within ${timeoutMs} ms`)),
          () => {
            // The worker asked for something in time.
          },
        );
      };
      let isTaking = false;
      const emit = async (batch: unknown) => {
        if (isTaking) throw new Error("the previous batch was not taken yet");
        isTaking = true;
        const shapes = await shapesModule();
        await events.write(shapes.checked(shapes.events, batch) as readonly ReportEvent[]);
        isTaking = false;
        return null;
      };
      const ask = async (question: Ask) => {
        working.abort();
        try {
          if (question.what === "chunk") return (await reader.read()).value;
          if (question.what === "emit") return await emit(question.events);
          throw notHere();
        } catch (error) {
          // A wrong event must not pass as if the parser had not yielded it.
          await events.abort(error);
          throw error;
        } finally {
          if (!stop.signal.aborted) work();
        }
      };
      work();
      connection.call({
        call: { what: "parse", index, context: { root, cwd, source } },
        options: {},
        signal: stop.signal,
        ask,
      }).then(() => events.close(), (error) => events.abort(error)).catch(() => {
        // It failed earlier: whoever reads the events gets that error.
      }).finally(() => working.abort());
      try {
        yield* readable;
      } finally {
        stop.abort(new Error("the reader stopped"));
        await reader.cancel();
      }
    },
  };
}

// A collector that stays where it was made, and what it is given of a command and its result.

/** The collector of a number that the plugin's side gave it. */
function collectorOf(collector: number, parts: ProxyParts): Collector {
  return {
    async collect(spec, result, services) {
      const data = { spec: specFor(spec, parts), result: resultOf(result) };
      const { metrics, artifacts, denials } = await callWith(
        parts,
        services,
        { what: "collect", collector, ...data },
        { ask: outputs(result) },
      );
      Object.assign(result.metrics, metrics);
      Object.assign(result.artifacts, artifacts);
      result.denials.push(...denials);
    },
  };
}

function dataOf({ collectors: _collectors, ...data }: CommandSpec): SpecData {
  return data;
}

/** A command with those variables that the plugin may see. */
function specFor(spec: CommandSpec, { environment }: ProxyParts): SpecData {
  return { ...dataOf(spec), env: environment(spec.env).seen };
}

function resultOf({ stdout, stderr, ...rest }: ExecutionResult): ResultData {
  const dataOf = ({ bytes, truncated }: typeof stdout) => ({ bytes, truncated });
  return { ...rest, stdout: dataOf(stdout), stderr: dataOf(stderr) };
}

function outputs(result: ExecutionResult): (question: Ask) => Promise<unknown> {
  return async (question) => {
    if (question.what !== "output") throw notHere();
    const { checked, part } = await shapesModule();
    const { stream, from, bytes } = checked(part, question);
    return await result[stream].readText({
      ...(from === null ? {} : { from }),
      ...(bytes === null ? {} : { bytes }),
    });
  };
}

/** Results are checked; the checking code loads while the worker starts. */
const shapesModule = () => import("./_shapes.ts");

type Arguments<What extends keyof Calls> = { readonly what: What } & Calls[What];

/** Calls, and checks the result by the shape for that kind of call. */
async function callWith<What extends keyof Calls & keyof Returned>(
  { connection }: ProxyParts,
  services: Pick<Services, "options" | "signal" | "warn"> & Partial<Services>,
  call: Arguments<What>,
  listener: CallListener = {},
): Promise<Returned[What]> {
  const loading = shapesModule();
  const { options, signal, warn } = services;
  const request = { call: call as unknown as Call, options, signal, warn, services };
  const answer = await connection.call({ ...request, ...listener });
  const { checked, returned } = await loading;
  return checked(returned[call.what], answer ?? undefined) as Returned[What];
}

function notHere(): Error {
  return new Error("this call cannot ask that");
}
