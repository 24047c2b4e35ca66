/** Stage "collect": what collectors say about a command that has ended, the last registered first. */

import { messageOf, PluginError } from "../errors.ts";
import type { ExecutionResult } from "../plugin.ts";
import { callPlugin, hostFor, hostOf } from "./call.ts";
import { denialsOf, distinctDenials } from "./denied.ts";
import { copyOf } from "./extend.ts";
import { type Contributed, resultOf } from "./output_handle.ts";
import type { Executed } from "../process/types.ts";
import type { AttemptContext, CallHost, Prepared, Registered } from "./types.ts";

/** Names of metrics and artifacts. */
const goodName = /^\w[\w.:/@-]{0,199}$/;

/** Metrics and artifacts kept per collector. */
const maxEntries = 1_000;

/** Names of assay's own artifacts. */
const ownArtifacts = ["stdout", "stderr", "report"];

/** What collectors contribute, checked. A collector that fails contributes nothing. */
export async function collect(
  prepared: Prepared,
  executed: Executed,
  context: Pick<AttemptContext, "io" | "project">,
): Promise<Contributed> {
  // Not aborted when the run is stopped: collectors also clean up what a command leaves behind.
  const host = hostOf(context, prepared.say);
  let contributed: Contributed = { metrics: {}, artifacts: {}, denials: [] };
  for (const registered of prepared.collectors.toReversed()) {
    contributed = await collectBy(registered, prepared, executed, contributed, host);
  }
  // A number that a collector knows better stays.
  return { ...contributed, metrics: { ...executed.usage.metrics, ...contributed.metrics } };
}

async function collectBy(
  { owner, part, collector }: Registered,
  prepared: Prepared,
  executed: Executed,
  sofar: Contributed,
  host: CallHost,
): Promise<Contributed> {
  const own = hostFor(host, part);
  try {
    const result = resultOf(host.io, prepared, executed, sofar);
    await callPlugin(
      owner,
      `${part}, collector`,
      own,
      (services) => collector.collect(copyOf(prepared.spec), result, services),
    );
    const added = newResults(sofar, result, own.warn);
    return {
      metrics: { ...sofar.metrics, ...added.metrics },
      artifacts: { ...sofar.artifacts, ...added.artifacts },
      denials: distinctDenials([...sofar.denials, ...added.denials]),
    };
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    host.warn(messageOf(error));
    return sofar;
  }
}

/** What a collector set or pushed, and what of it can be kept. */
function newResults(
  sofar: Contributed,
  { metrics, artifacts, denials }: ExecutionResult,
  warn: (message: string) => void,
): Contributed {
  const known = sofar.denials.map((denial) => JSON.stringify(denial));
  const fresh = denials.filter((denial) => !known.includes(JSON.stringify(denial)));
  return {
    denials: denialsOf(fresh, warn),
    metrics: entriesOf("metric", sofar.metrics, metrics, warn, () => undefined),
    artifacts: entriesOf(
      "artifact",
      sofar.artifacts,
      artifacts,
      warn,
      (path, name) =>
        ownArtifacts.includes(name)
          ? "assay's own evidence has that name"
          : path.includes("\0")
          ? "it is not a path"
          : undefined,
    ),
  };
}

function entriesOf<T>(
  what: string,
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  warn: (message: string) => void,
  problemOf: (value: T, name: string) => string | undefined,
): Record<string, T> {
  const all = Object.entries(after).filter(([name, value]) => before[name] !== value);
  if (all.length > maxEntries) {
    warn(`only the first ${maxEntries} of ${all.length} ${what}s of a collector are kept`);
  }
  return Object.fromEntries(
    all.slice(0, maxEntries).filter(([name, value]) => {
      const problem = goodName.test(name)
        ? problemOf(value, name)
        : "its name may only have letters, digits and _ . : / @ -";
      if (problem !== undefined) warn(`${what} ${JSON.stringify(name)} is not kept: ${problem}`);
      else if (Object.hasOwn(before, name)) {
        warn(`${what} ${name}: it replaces another collector's`);
      }
      return problem === undefined;
    }),
  );
}
