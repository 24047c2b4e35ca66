/**
 * A plugin whose functions are calls into its worker: to the pipeline it is a plugin like any other. What it
 * brings was known before; a worker starts when one of its functions is called.
 */

import type { Annotator, Extension, Json, NewAnnotation, Plugin, RunContext } from "../plugin.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type * as v from "valibot";
import { callWith, notHere, type ProxyParts, type Shapes, shapesModule } from "./_proxy_call.ts";
import { collectorOf, dataOf, outputs, resultOf, specFor } from "./_proxy_collector.ts";
import { engineOf } from "./_proxy_engine.ts";
import { parserOf } from "./_proxy_parser.ts";
import type { Ask, Call } from "./worker/protocol.ts";

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
