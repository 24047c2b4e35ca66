/** What calls are handed besides plain data: results, the context of annotators. */

import type { Event, ExecutionResult, NewAnnotation, RunContext } from "../../plugin.ts";
import type { CallTools } from "./link.ts";
import type { OutputData, ResultData, RunData } from "./protocol.ts";

/** A result whose outputs are read from assay. */
export function collectable(result: ResultData, { id, link }: CallTools): ExecutionResult {
  const output = (stream: "stdout" | "stderr", data: OutputData) => ({
    ...data,
    readText: async ({ from, bytes }: { readonly from?: number; readonly bytes?: number } = {}) =>
      await link.ask(id, {
        what: "output",
        stream,
        from: from ?? null,
        bytes: bytes ?? null,
      }) as string,
  });
  return {
    ...result,
    stdout: output("stdout", result.stdout),
    stderr: output("stderr", result.stderr),
  };
}

/** Annotations go to assay in parts, so that those of a call that never ends are not lost. */
const annotationsAtOnce = 64;

/** Calls an annotator. What it added is handed over even when it throws. */
export async function annotating<T>(
  data: RunData,
  tools: CallTools,
  call: (context: RunContext) => T | Promise<T>,
): Promise<T> {
  const { id, link, services } = tools;
  let added: unknown[] = [];
  let readings = 0;
  const flush = (): void => {
    const part = added;
    added = [];
    if (part.length > 0) link.annotate(id, part);
  };
  const context: RunContext = {
    ...data,
    ...services,
    events: ({ problems = false } = {}) =>
      eventsOf(tools, { what: "events", cursor: ++readings, problems }),
    query: async (query) =>
      await link.ask(id, { what: "query", query }) as Awaited<ReturnType<RunContext["query"]>>,
    addAnnotation(event: Event | number, annotation: NewAnnotation) {
      added.push({ event: typeof event === "number" ? event : event?.index, annotation });
      if (added.length >= annotationsAtOnce) flush();
    },
  };
  try {
    return await call(context);
  } finally {
    flush();
  }
}

async function* eventsOf(
  { id, link }: CallTools,
  question: { readonly what: "events"; readonly cursor: number; readonly problems: boolean },
): AsyncGenerator<Event> {
  for (;;) {
    const page = await link.ask(id, question) as {
      readonly events: readonly Event[];
      readonly done: boolean;
    };
    yield* page.events;
    if (page.done) return;
  }
}
