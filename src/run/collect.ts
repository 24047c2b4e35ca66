/** Stage "collect": what collectors say of a command that has ended, the last registered first. */

import { messageOf, PluginError } from "../errors.ts";
import type { Collector, ExecutionResult } from "../plugin.ts";
import { callPlugin, hostFor, hostOf } from "./call.ts";
import { denialsOf, distinctDenials } from "./denied.ts";
import { copyOf } from "./extend.ts";
import { type Contributed, resultOf } from "./output_handle.ts";
import type { Executed } from "../process/types.ts";
import type { AttemptContext, CallHost, Prepared, Registered } from "./types.ts";

/** Names of metrics and artifacts. */
const goodName = /^\w[\w.:/@-]{0,199}$/;

/** Metrics and artifacts kept of one collector. */
const maxEntries = 1_000;

/** Names that are those of assay's own artifacts. */
const ownArtifacts = ["stdout", "stderr", "report"];

/** What collectors contribute, checked. A collector that fails contributes nothing. */
export async function collect(
  prepared: Prepared,
  executed: Executed,
  context: Pick<AttemptContext, "io" | "project">,
): Promise<Contributed> {
  // Not given up when the run is stopped: collectors also take away what a command leaves behind.
  const host = hostOf(context, prepared.say);
  let contributed: Contributed = { metrics: {}, artifacts: {}, denials: [] };
  for (const registered of [usageCollector(executed.usage), ...prepared.collectors].toReversed()) {
    contributed = await collectBy(registered, prepared, executed, contributed, host);
  }
  return contributed;
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
    const added = await callPlugin(owner, `${part}, collector`, own, async (services) => {
      const result = resultOf(host.io, prepared, executed, sofar);
      await collector.collect(copyOf(prepared.spec), result, services);
      // Here, so that what a strange object throws is its plugin's failure.
      return news(sofar, result);
    });
    return merged(sofar, checked(added, own.warn), own.warn);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    host.warn(messageOf(error));
    return sofar;
  }
}

type Entries = Readonly<Record<string, unknown>>;

/** What a collector set, as it left it: not checked yet. */
interface News {
  readonly metrics: Entries;
  readonly artifacts: Entries;
  readonly denials: readonly object[];
}

function news(sofar: Contributed, { metrics, artifacts, denials }: ExecutionResult): News {
  const fresh = (before: Entries, after: Entries) =>
    Object.fromEntries(Object.entries(after).filter(([name, value]) => before[name] !== value));
  const known = sofar.denials.map((denial) => JSON.stringify(denial));
  return {
    metrics: fresh(sofar.metrics, metrics),
    artifacts: fresh(sofar.artifacts, artifacts),
    // Copies, so that they are read once: an object may answer differently each time.
    denials: Array.from(denials, (denial) => ({ ...denial })).filter((denial) =>
      !known.includes(JSON.stringify(denial))
    ),
  };
}

function checked(
  { metrics, artifacts, denials }: News,
  warn: (message: string) => void,
): Contributed {
  return {
    denials: denialsOf(denials, warn),
    metrics: entriesOf<number>(
      "metric",
      metrics,
      warn,
      (value) =>
        typeof value === "number" && Number.isFinite(value) ? undefined : "it is no finite number",
    ),
    artifacts: entriesOf<string>(
      "artifact",
      artifacts,
      warn,
      (value, name) =>
        ownArtifacts.includes(name)
          ? "the name is that of assay's own evidence"
          : typeof value === "string" && !value.includes("\0")
          ? undefined
          : "it is no path",
    ),
  };
}

function entriesOf<T>(
  what: string,
  entries: Entries,
  warn: (message: string) => void,
  problemOf: (value: unknown, name: string) => string | undefined,
): Record<string, T> {
  const all = Object.entries(entries);
  if (all.length > maxEntries) {
    warn(`only the first ${maxEntries} of ${all.length} ${what}s of a collector are kept`);
  }
  const kept = all.slice(0, maxEntries).filter(([name, value]) => {
    const problem = goodName.test(name)
      ? problemOf(value, name)
      : "its name is not of letters, digits and _ . : / @ -";
    if (problem !== undefined) warn(`${what} ${JSON.stringify(name)} is not kept: ${problem}`);
    return problem === undefined;
  });
  return Object.fromEntries(kept) as Record<string, T>;
}

function merged(
  sofar: Contributed,
  added: Contributed,
  warn: (message: string) => void,
): Contributed {
  for (
    const [what, before, after] of [
      ["metric", sofar.metrics, added.metrics],
      ["artifact", sofar.artifacts, added.artifacts],
    ] as const
  ) {
    for (const name of Object.keys(after)) {
      if (Object.hasOwn(before, name)) warn(`${what} ${name}: it replaces another collector's`);
    }
  }
  return {
    metrics: { ...sofar.metrics, ...added.metrics },
    artifacts: { ...sofar.artifacts, ...added.artifacts },
    denials: distinctDenials([...sofar.denials, ...added.denials]),
  };
}

/**
 * Adds the numbers, as assay's own collector: registered before all others, so that it runs after them and a
 * number that another one knows better stays.
 */
function usageCollector({ metrics }: Executed["usage"]): Registered {
  const collector: Collector = {
    collect(_, result) {
      for (const [name, value] of Object.entries(metrics)) result.metrics[name] ??= value;
    },
  };
  return {
    owner: { plugin: { name: "assay" }, options: {}, source: "built-in" },
    part: "usage",
    collector,
  };
}
