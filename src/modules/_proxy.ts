/**
 * A plugin whose functions are calls into its worker: to the pipeline it is a plugin like any other. What it
 * brings was known before; a worker starts when one of its functions is called.
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
  RunContext,
  SandboxEngine,
  Services,
  WrapContext,
} from "../plugin.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type { CallListener } from "./_connection.ts";
import type { EngineManifest } from "./_manifest.ts";
import { type ParserLimits, parserOf } from "./_proxy_parser.ts";
import type { Ask, Call, HostData, ResultData, SpecData, WrapData } from "./worker/protocol.ts";
import * as v from "valibot";

/** Most readings of the events that one call has open. */
const maxReadings = 16;

/** Events in one answer. */
const pageSize = 200;

/** Makes the plugin. */
export function proxyOf(manifest: PluginManifest, parts: ProxyParts): Plugin {
  const { name, version, description, permissions, runners } = manifest;
  return {
    name,
    ...(version === undefined ? {} : { version }),
    ...(description === undefined ? {} : { description }),
    ...(permissions === undefined ? {} : { permissions }),
    extensions: manifest.extensions.map((each, index) => extensionOf(each, index, parts)),
    engines: manifest.engines.map((each, index) => engineOf(each, index, parts)),
    annotators: manifest.annotators.map((each, index) => annotatorOf(each, index, parts)),
    parsers: manifest.parsers.map((each, index) => parserOf(each, index, parts)),
    runners,
  };
}

function extensionOf(
  { name, configKey, validates, stores }: PluginManifest["extensions"][number],
  index: number,
  parts: ProxyParts,
): Extension {
  return {
    name,
    configKey,
    async prepare(spec, services) {
      const { seen, hidden } = parts.environment(spec.env);
      const call: Call = { what: "prepare", index, spec: { ...dataOf(spec), env: seen } };
      const changed = await callWith(parts, services, call, ({ prepared }) => prepared);
      return {
        ...spec,
        ...changed,
        // Variables it could not see stay as they are, unless it sets them.
        env: { ...hidden, ...changed.env },
        collectors: [
          ...spec.collectors,
          ...changed.collectors.map((collector) => collectorOf(collector, parts)),
        ],
      };
    },
    ...validates
      ? {
        async validate(config, services) {
          const call: Call = { what: "validate", index, config };
          return await callWith(parts, services, call, ({ problems }) => problems);
        },
      } satisfies Partial<Extension>
      : {},
    ...stores
      ? {
        async store(spec, result, store, services) {
          const call: Call = {
            what: "store",
            index,
            spec: specFor(spec, parts),
            result: resultOf(result),
          };
          const ask = outputs(result);
          const set = await callWith(parts, services, call, ({ entries }) => entries, { ask });
          for (const [key, value] of set) store.set(key, value as Json);
        },
      } satisfies Partial<Extension>
      : {},
  };
}

function annotatorOf(
  { name, description, eager }: PluginManifest["annotators"][number],
  index: number,
  parts: ProxyParts,
): Annotator {
  const call = async <T extends v.GenericSchema>(
    what: "shouldAnnotate" | "annotate",
    context: RunContext,
    shapeOf: (shapes: Shapes) => T,
  ) => {
    const { checked, annotations: shape } = await shapesModule();
    return await callWith(parts, context, { what, index, context: runData(context) }, shapeOf, {
      ask: records(context),
      annotate(annotations) {
        for (const { event, annotation } of checked(shape, annotations)) {
          context.addAnnotation(event, annotation as NewAnnotation);
        }
      },
    });
  };
  return {
    name,
    eager,
    ...(description === undefined ? {} : { description }),
    shouldAnnotate: (context) => call("shouldAnnotate", context, ({ verdict }) => verdict),
    annotate: async (context) => void await call("annotate", context, ({ nothing }) => nothing),
  };
}

function runData(context: RunContext) {
  const { runId, attemptId, ref, sourceRoot, metadata, exitCode, durationMs, extensionData } =
    context;
  return { runId, attemptId, ref, sourceRoot, metadata, exitCode, durationMs, extensionData };
}

/** Answers questions for the records of one annotator's call. */
function records(context: RunContext): (question: Ask) => Promise<unknown> {
  const readings = new Map<number, AsyncIterator<unknown>>();
  return async (question) => {
    const { checked, query, page } = await shapesModule();
    if (question.what === "query") return await context.query(checked(query, question.query));
    if (question.what !== "events") throw notHere();
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

// A sandbox engine whose functions are calls into its worker.

/** Makes the engine. */
function engineOf(
  { name, capabilities, priority, obtain, probes, reviews = true, collects }:
    & PluginManifest["engines"][number]
    & EngineManifest,
  index: number,
  parts: ProxyParts,
): SandboxEngine {
  return {
    name,
    capabilities,
    ...(priority === undefined ? {} : { priority }),
    ...(obtain === undefined ? {} : { obtain }),
    ...probes
      ? {
        async probe(host) {
          const call: Call = { what: "probe", index, host: hostData(host) };
          return await callWith(parts, host, call, ({ probe }) => probe);
        },
      } satisfies Partial<SandboxEngine>
      : {},
    ...reviews
      ? {
        async review(sandbox, facts) {
          const call: Call = { what: "review", index, sandbox, facts };
          return await callWith(parts, nothingLent(parts), call, ({ review }) => review);
        },
      } satisfies Partial<SandboxEngine>
      : {},
    async wrap(argv, sandbox, context) {
      const call: Call = {
        what: "wrap",
        index,
        argv: [...argv],
        sandbox,
        context: wrapData(context, parts),
      };
      return await callWith(parts, context, call, (shapes) => shapes.wrapped);
    },
    ...collects
      ? {
        async collector(sandbox, context) {
          const call: Call = {
            what: "collector",
            index,
            sandbox,
            context: wrapData(context, parts),
          };
          const made = await callWith(parts, context, call, ({ collector }) => collector);
          return made === null ? undefined : collectorOf(made, parts);
        },
      } satisfies Partial<SandboxEngine>
      : {},
  };
}

/** What a call works with that is lent no services: it has the time of any other. */
function nothingLent({ timeoutMs }: ProxyParts): Lent {
  return { options: {}, signal: AbortSignal.timeout(timeoutMs), warn: () => {} };
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

// A collector that stays in its worker, and what of a command and its result is told there.

/** The collector of a number that the worker gave it. */
function collectorOf(collector: number, parts: ProxyParts): Collector {
  return {
    async collect(spec, result, services) {
      const call: Call = {
        what: "collect",
        collector,
        spec: specFor(spec, parts),
        result: resultOf(result),
      };
      const added = await callWith(parts, services, call, ({ collected }) => collected, {
        ask: outputs(result),
      });
      const { metrics, artifacts, denials } = added;
      Object.assign(result.metrics, metrics);
      Object.assign(result.artifacts, artifacts);
      result.denials.push(...denials);
    },
  };
}

/** A command without its collectors. */
function dataOf({ collectors: _collectors, ...data }: CommandSpec): SpecData {
  return data;
}

/** A command with those variables that the plugin may see. */
function specFor(spec: CommandSpec, { environment }: ProxyParts): SpecData {
  return { ...dataOf(spec), env: environment(spec.env).seen };
}

/** A result without its outputs. */
function resultOf({ stdout, stderr, ...rest }: ExecutionResult): ResultData {
  const dataOf = ({ bytes, truncated }: typeof stdout) => ({ bytes, truncated });
  return { ...rest, stdout: dataOf(stdout), stderr: dataOf(stderr) };
}

/** Answers questions for the outputs of one result. */
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

// One call of a plugin's function in its worker; what comes back is checked by its shape.

/** What the proxy works with. */
interface ProxyParts extends ParserLimits {
  /** Splits an environment into what the plugin may see and the rest. */
  readonly environment: (env: Readonly<Record<string, string>>) => {
    readonly seen: Record<string, string>;
    readonly hidden: Record<string, string>;
  };
}

type Shapes = typeof import("./_shapes.ts");

/** What is returned is checked; what checks it is loaded while the worker starts. */
const shapesModule = (): Promise<Shapes> => import("./_shapes.ts");

/** What of the services stays on this side of the line. */
type Lent = Pick<Services, "options" | "signal" | "warn">;

/** Calls. `shapeOf` picks the shape what is returned must have. */
async function callWith<T extends v.GenericSchema>(
  { connection }: ProxyParts,
  { options, signal, warn }: Lent,
  call: Call,
  shapeOf: (shapes: Shapes) => T,
  listener: CallListener = {},
): Promise<v.InferOutput<T>> {
  const loading = shapesModule();
  const returned = await connection.call({ call, options, signal, warn, ...listener });
  const shapes = await loading;
  return shapes.checked(shapeOf(shapes), returned ?? undefined);
}

/** The error of a question that a kind of call does not offer. */
function notHere(): Error {
  return new Error("this call cannot ask that");
}
