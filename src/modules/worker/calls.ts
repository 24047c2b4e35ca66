/** Calls of the plugin's functions: each with what the contract promises it. */

import type {
  Collector,
  ConfigTable,
  ExecutionResult,
  Plugin,
  SandboxEngine,
  SandboxSpec,
  Services,
} from "../../plugin.ts";
import { annotating, collectable } from "./contexts.ts";
import { describe } from "./describe.ts";
import type { CallTools } from "./link.ts";
import { parsing } from "./parsing.ts";
import type { Call, SpecData } from "./protocol.ts";
import { storing } from "./storing.ts";
import { wrapping } from "./wrapping.ts";

/** Performs a call and says what is to be handed back. */
export async function perform(exported: unknown, call: Call, tools: CallTools): Promise<unknown> {
  if (call.what === "describe") return describe(exported);
  const { services } = tools;
  const { extensions = [], engines = [], annotators = [], parsers = [] } = exported as Plugin;
  switch (call.what) {
    case "validate":
      return await at(extensions, call.index).validate?.(call.config, services);
    case "prepare": {
      const spec = { ...call.spec, collectors: [] };
      return prepared(await at(extensions, call.index).prepare(spec, services), tools);
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
    case "review":
      return await reviewed(at(engines, call.index), call.sandbox, call.facts);
    case "wrap": {
      const context = { ...call.context, ...services };
      const made = await at(engines, call.index).wrap(call.argv, call.sandbox, context);
      return wrapping(made);
    }
    case "collector": {
      const context = { ...call.context, ...services };
      const made = await at(engines, call.index).collector?.(call.sandbox, context);
      return made === undefined ? null : handOut(made, tools);
    }
    case "collect": {
      const collector = tools.collectors.get(call.collector);
      if (!collector) throw new Error("it is gone: the worker that made it was ended");
      tools.collectors.delete(call.collector);
      return await collected(collector, call.spec, collectable(call.result, tools), services);
    }
    case "shouldAnnotate":
      return await annotating(
        call.context,
        tools,
        (context) => at(annotators, call.index).shouldAnnotate(context),
      );
    case "annotate":
      return await annotating(
        call.context,
        tools,
        (context) => at(annotators, call.index).annotate(context),
      );
    case "parse":
      return await parsing(at(parsers, call.index), call.context, tools);
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error("the plugin does not bring this any more");
  return found;
}

const withoutCollectors = (spec: SpecData) => ({ ...spec, collectors: [] });

let lastCollector = 0;

function handOut(collector: Collector, { collectors }: CallTools): number {
  collectors.set(++lastCollector, collector);
  return lastCollector;
}

/** An engine that has no review lacks nothing. */
async function reviewed(
  engine: SandboxEngine,
  sandbox: SandboxSpec,
  facts: ConfigTable,
): Promise<unknown> {
  return engine.review === undefined ? {} : await engine.review(sandbox, facts);
}

/** What a collector leaves; of the denials those it added, for the others are not its own. */
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

/** The fields of a command that an extension may change; its collectors by their numbers. */
function prepared(returned: unknown, tools: CallTools): unknown {
  if (typeof returned !== "object" || returned === null) return returned;
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
