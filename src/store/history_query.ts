/**
 * Plugins' queries of the history: a table, values that columns must have, an order and a limit. No
 * plugin text becomes SQL, and data kept by other plugins is left out of the results.
 */

import { PluginError } from "../errors.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { HistoryQuery, JsonObject } from "../plugin.ts";
import { isTable } from "../text/values.ts";
import { truncate } from "../text/words.ts";
import type { Layout } from "./_layout.ts";
import type { StoreIndex } from "./_rows.ts";
import { readerFor } from "./query.ts";
import {
  type BatchPlace,
  type EventsReader,
  identityBytes,
  readBatch,
  statusLetters,
} from "./events_file.ts";

type Value = string | number | null;

/** A table as plugins see it. */
interface Table {
  /** Columns that may be queried, and their SQL expressions. */
  readonly columns: Readonly<Record<string, string>>;
  readonly from: string;
  /** Ends with the terms of the order; each is followed by its direction. */
  readonly order: readonly string[];
  /** Terms of the order with a fixed direction. */
  readonly then?: string;
  readonly select: string;
  /** Absent: the rows are batches of events, which are read from their files. */
  read?(row: never): JsonObject;
}

interface Row {
  readonly record: string;
}

interface BatchRow extends BatchPlace {
  readonly run_id: string;
  readonly attempt_id: string;
  readonly attempt_name: string;
  /** Of the attempt. */
  readonly ref: string;
}

type Condition = readonly [column: string, value: Value];

const runKeys: readonly (keyof Run)[] = [
  "run_id",
  "seq",
  "verb",
  "state",
  "recommendation",
  "confidence",
  "threshold",
  "commit",
  "branch",
  "dirty",
  "tree",
  "started_at",
  "duration_ms",
  "gates",
];

/** Without what extensions keep, the environment, and files. */
const attemptKeys: readonly (keyof Attempt)[] = [
  "attempt_id",
  "ref",
  "kind",
  "required",
  "command",
  "cwd",
  "state",
  "verdict",
  "reasons",
  "exit_code",
  "signal",
  "timed_out",
  "cancelled",
  "started_at",
  "duration_ms",
  "tests",
  "diagnostics",
  "severities",
  "suite_errors",
  "result_format",
  "truncated",
  "metrics",
];

/** Columns that are of the events themselves. */
const eventKeys = [
  "type",
  "status",
  "name",
  "rule",
  "file",
  "identity",
  "cluster",
] as const satisfies readonly (keyof Event)[];

const tables: Readonly<Record<HistoryQuery["from"], Table>> = {
  runs: {
    columns: named("runs", [
      "run_id",
      "state",
      "verb",
      "recommendation",
      "commit",
      "branch",
      "tree",
    ]),
    from: "runs",
    order: ["runs.seq", "runs.run_id"],
    select: "runs.record",
    read: ({ record }: Row) => only(JSON.parse(record), runKeys),
  },
  attempts: {
    columns: {
      ...named("attempts", ["run_id", "attempt_id", "name", "kind", "state"]),
      verdict: "attempts.record ->> 'verdict'",
    },
    from: "runs CROSS JOIN attempts ON attempts.run_id = runs.run_id",
    order: ["runs.seq", "runs.run_id", "attempts.attempt_id"],
    select: "attempts.record, attempts.run_id, attempts.name",
    read: ({ record, ...row }: Row) => ({ ...row, ...only(JSON.parse(record), attemptKeys) }),
  },
  events: {
    columns: {
      ...named("attempts", ["run_id", "attempt_id"]),
      attempt_name: "attempts.name",
      ...Object.fromEntries(eventKeys.map((key) => [key, ""])),
    },
    // CROSS JOIN is SQLite's word for "in this order": it walks the runs by their seq, so that a query
    // that has reached its limit stops reading.
    from: `runs
      CROSS JOIN attempts ON attempts.run_id = runs.run_id
      CROSS JOIN event_batches ON event_batches.attempt = attempts.id`,
    order: ["runs.seq", "runs.run_id", "attempts.attempt_id"],
    then: "event_batches.first",
    select: `attempts.run_id, attempts.attempt_id, attempts.name AS attempt_name,
      attempts.record ->> 'ref' AS ref, first, start, bytes, packed`,
  },
};

function named(table: string, columns: readonly string[]): Record<string, string> {
  return Object.fromEntries(columns.map((column) => [column, `${table}."${column}"`]));
}

function only<T extends object>(record: T, keys: readonly (keyof T)[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, record[key] ?? null])) as JsonObject;
}

/**
 * The records a query names, of the run `until` and of those of a lower `seq`. A record of `runs` is
 * what `run.json` says about the run; of `attempts` what it says about the attempt, with its `run_id` and
 * `name`; of `events` the event with `run_id`, `attempt_id`, `attempt_name` and `ref`.
 *
 * @throws {PluginError} when the query is invalid.
 */
export async function queryHistory(
  index: StoreIndex,
  query: HistoryQuery,
  until: Pick<Run, "run_id" | "seq">,
): Promise<readonly JsonObject[]> {
  const { from, where, order, limit } = checked(query);
  const table = tables[from];
  const isOfEvent = ([column]: Condition) =>
    from === "events" && eventKeys.some((key) => key === column);
  const ofEvent = where.filter(isOfEvent);
  const conditions = [
    ...where.filter((each) => !isOfEvent(each)).map(([column, value]) => ({
      sql: `${table.columns[column]} IS ?`,
      value,
    })),
    ...ofEvent.flatMap(batchCondition),
  ];
  const direction = order === "newest" ? "DESC" : "ASC";
  const terms = table.order.map((term) => `${term} ${direction}`);
  const sql = `SELECT ${table.select} FROM ${table.from}
    WHERE (runs.seq, runs.run_id) <= (?, ?)
    ${conditions.map((condition) => `AND ${condition.sql}`).join(" ")}
    ORDER BY ${[...terms, ...table.then === undefined ? [] : [table.then]].join(", ")}
    ${table.read ? `LIMIT ${limit}` : ""}`;
  const values = [until.seq, until.run_id, ...conditions.map(({ value }) => value)];
  if (table.read) return index.db.all<never>(sql, ...values).map(table.read);
  const reader = await readerFor(index, "true", []);
  const found: JsonObject[] = [];
  for (const row of index.db.each<BatchRow>(sql, ...values)) {
    found.push(...eventsOf(reader, index.layout, row, ofEvent));
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** What holds of a batch that has an event with this value, as far as the index knows. */
function batchCondition(
  [column, value]: Condition,
): readonly { readonly sql: string; readonly value: Value | Uint8Array }[] {
  if (column === "identity" && typeof value === "string") {
    const bytes = identityBytes(value);
    return bytes ? [{ sql: "instr(event_batches.identities, ?) > 0", value: bytes }] : [];
  }
  const isOfProblems = column === "type" && (value === "diagnostic" || value === "suite_error");
  if (isOfProblems) return [{ sql: "event_batches.problems IS NOT ?", value: null }];
  if (column !== "status") return [];
  const letters = Object.entries(statusLetters).find(([status]) => status === value)?.[1] ?? "-";
  return [{ sql: "event_batches.statuses GLOB ?", value: `*[${letters}]*` }];
}

/** The events of a batch that are asked for. */
function eventsOf(
  reader: EventsReader,
  layout: Layout,
  { ref, first, start, bytes, packed, ...row }: BatchRow,
  where: readonly Condition[],
): JsonObject[] {
  const path = layout.eventsFile(row.run_id, row.attempt_id);
  const texts = where.flatMap(([, value]) =>
    typeof value === "string" ? [JSON.stringify(value)] : []
  );
  return readBatch(reader, path, { first, start, bytes, packed }, texts)
    .filter((event) =>
      where.every(([column, value]) =>
        (event[column as typeof eventKeys[number]] ?? null) === value
      )
    )
    .map((event) => ({ ...event, ...row, ref: `${ref}:${event.index}` }) as unknown as JsonObject);
}

/** A plugin's value is checked whatever its types say. */
function checked(query: unknown) {
  const { from, where = {}, order = "newest", limit = 100, ...others } = objectOf(query, "it");
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw wrong(`it has no key "${unknown}"`);
  if (typeof from !== "string" || !Object.hasOwn(tables, from)) {
    throw wrong(`unknown table ${said(from)}; the tables are ${Object.keys(tables).join(", ")}`);
  }
  const name = from as HistoryQuery["from"];
  if (order !== "newest" && order !== "oldest") {
    throw wrong(`the order ${said(order)} is neither newest nor oldest`);
  }
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > 1000) {
    throw wrong(`the limit ${said(limit)} is not a whole number from 1 to 1000`);
  }
  const entries = Object.entries(objectOf(where, "where"));
  return {
    from: name,
    where: entries.map(([column, value]) => [column, valueOf(name, column, value)] as const),
    order,
    limit: Number(limit),
  };
}

function valueOf(from: HistoryQuery["from"], column: string, value: unknown): Value {
  const { columns } = tables[from];
  if (!Object.hasOwn(columns, column)) {
    const names = Object.keys(columns).join(", ");
    throw wrong(`${from} has no column ${said(column)}; it has ${names}`);
  }
  if (value === null || typeof value === "string" || Number.isFinite(value)) return value as Value;
  throw wrong(`where.${column}: ${said(value)} is not text, a number or null`);
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (isTable(value)) return value;
  throw wrong(`${what} is not an object`);
}

function said(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return truncate(text, 80);
}

function wrong(why: string): PluginError {
  return new PluginError(`Cannot query the history: ${why}`);
}
