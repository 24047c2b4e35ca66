/** A collector that stays in its worker, and what of a command and its result is told there. */

import type { Collector, CommandSpec, ExecutionResult } from "../plugin.ts";
import { callWith, notHere, type ProxyParts, shapesModule } from "./_proxy_call.ts";
import type { Ask, Call, ResultData, SpecData } from "./worker/protocol.ts";

/** The collector of a number that the worker gave it. */
export function collectorOf(collector: number, parts: ProxyParts): Collector {
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
export function dataOf({ collectors: _collectors, ...data }: CommandSpec): SpecData {
  return data;
}

/** A command with those variables that the plugin may see. */
export function specFor(spec: CommandSpec, { environment }: ProxyParts): SpecData {
  return { ...dataOf(spec), env: environment(spec.env).seen };
}

/** A result without its outputs. */
export function resultOf({ stdout, stderr, ...rest }: ExecutionResult): ResultData {
  const dataOf = ({ bytes, truncated }: typeof stdout) => ({ bytes, truncated });
  return { ...rest, stdout: dataOf(stdout), stderr: dataOf(stderr) };
}

/** Answers questions for the outputs of one result. */
export function outputs(result: ExecutionResult): (question: Ask) => Promise<unknown> {
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
