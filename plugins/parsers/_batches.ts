/** Groups events, so that a large report costs few steps of an asynchronous iterator. */

import type { ReportEvent } from "../../src/plugin.ts";

const batchSize = 256;

/** Yields the events in arrays; those read before the iterable throws are yielded before it does. */
export function* inBatches(
  events: Iterable<ReportEvent>,
): Generator<readonly ReportEvent[], void, undefined> {
  let batch: ReportEvent[] = [];
  try {
    for (const event of events) {
      batch.push(event);
      if (batch.length < batchSize) continue;
      yield batch;
      batch = [];
    }
  } catch (error) {
    if (batch.length > 0) yield batch;
    throw error;
  }
  if (batch.length > 0) yield batch;
}
