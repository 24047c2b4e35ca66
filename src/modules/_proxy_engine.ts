/** A sandbox engine whose functions are calls into its worker. */

import type { EngineHost, SandboxEngine, WrapContext } from "../plugin.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import type { EngineManifest } from "./_manifest.ts";
import { callWith, type Lent, type ProxyParts } from "./_proxy_call.ts";
import { collectorOf } from "./_proxy_collector.ts";
import type { Call, HostData, WrapData } from "./worker/protocol.ts";

/** Makes the engine. */
export function engineOf(
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
