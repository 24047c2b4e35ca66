/** The stream of a run's events: into its journal as they happen, and to listeners. */

import type { Io } from "../io.ts";
import type { RunWriter } from "../store/types.ts";
import type { RunEvent } from "../schema/journal.ts";

type Output = Extract<RunEvent, { type: "output" }>;

/** A run event as it happens; with `output` come the bytes themselves, which the journal does not repeat. */
export type LiveEvent = Exclude<RunEvent, Output> | Output & { readonly chunk: Uint8Array };

type WithoutTime<T> = T extends unknown ? Omit<T, "at"> : never;

export type RunListener = (event: LiveEvent) => void;

/** Says that something happened. */
export type Emit = (event: WithoutTime<LiveEvent>) => void;

/** Many pieces of output of one stream within this time become one line of the journal. */
const gatheredMs = 100;

export function eventStream(io: Io, writer: RunWriter, listener?: RunListener): Emit {
  let gathered: Output | undefined;
  const flush = () => {
    if (gathered) writer.journal(gathered);
    gathered = undefined;
  };
  return (happened) => {
    const event = { ...happened, at: new Date(io.now()).toISOString() } as LiveEvent;
    if (event.type !== "output") {
      flush();
      writer.journal(event);
    } else if (gathered && isContinued(gathered, event)) {
      gathered = { ...gathered, bytes: gathered.bytes + event.bytes };
    } else {
      flush();
      const { chunk: _, ...line } = event;
      gathered = line;
    }
    listener?.(event);
  };
}

function isContinued(before: Output, { attempt_id, stream, at }: Output): boolean {
  return attempt_id === before.attempt_id && stream === before.stream &&
    Date.parse(at) - Date.parse(before.at) < gatheredMs;
}
