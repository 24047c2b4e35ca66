/** A plugin's parser at work: bytes are asked for, events are handed over when they are wanted. */

import type { ParseContext, ReportEvent, ReportParser } from "../../plugin.ts";
import type { CallTools } from "./link.ts";
import { stringify } from "./primordials.ts";

/** Characters of events that are handed over at once. */
const batchSize = 512 * 1024;

/** How many events at most. */
const batchCount = 2000;

/** Parses to the end. Neither side runs ahead of the other by more than one batch. */
export async function parsing(
  parser: ReportParser,
  context: ParseContext,
  { id, link }: CallTools,
): Promise<null> {
  const input = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await link.ask(id, { what: "chunk" });
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
      await link.emit(id, batch);
      batch = [];
      size = 0;
    }
  }
  if (batch.length > 0) await link.emit(id, batch);
  return null;
}
