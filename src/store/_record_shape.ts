/** What records on disk must be like, for all that reads them relies on it. They may have been edited by hand. */

import * as v from "valibot";
import type { Event } from "../model.ts";
import { event, run } from "../schema/run.ts";

/**
 * The first key that is missing or has something else. What is relied on is the kind of each value: a key of a newer
 * assay and a line 0 that a tool reported are no reason to lose a record.
 */
function misfit(schema: v.GenericSchema, value: unknown): string | undefined {
  const issue = v.safeParse(schema, value).issues?.find(({ kind, type, expected }) =>
    kind === "schema" ? expected !== "never" : type === "check"
  );
  return issue && `${issue.path?.[0]?.key ?? ""}`;
}

/** The first key of a run's record that is missing or not what it must be. */
export function misfitOfRun(value: object): string | undefined {
  return misfit(run, value);
}

/** The event that a line holds; `undefined`: none, which the caller tells of, who knows the file. */
export function parseEvent(line: string): Event | undefined {
  try {
    const value = JSON.parse(line);
    return misfit(event, value) === undefined ? value : undefined;
  } catch {
    return undefined;
  }
}
