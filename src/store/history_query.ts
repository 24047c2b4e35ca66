/**
 * Plugins' queries of the history: a table, values that columns must have, an order and a limit. No
 * plugin text becomes SQL, and data kept by other plugins is left out of the results.
 */

import { PluginError } from "../errors.ts";
import type { Attempt, Event, Run } from "../model.ts";
import type { HistoryQuery, JsonObject } from "../plugin.ts";
import { isTable } from "../text/values.ts";
import { truncate } from "../text/words.ts";
import type { Db } from "./db.ts";

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
  read(row: never): JsonObject;
}

interface Row {
  readonly record: string;
}

interface EventRow extends Row {
  readonly run_id: string;
  readonly attempt_id: string;
  readonly attempt_name: string;
  readonly ref: string;
}

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

/** Columns of events that are kept in their JSON. */
const eventKeys: readonly (keyof Event)[] = [
  "type",
  "status",
  "name",
  "rule",
  "file",
  "identity",
  "cluster",
];

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
      ...Object.fromEntries(eventKeys.map((key) => [key, `event.value ->> '${key}'`])),
    },
    // CROSS JOIN is SQLite's word for "in this order": it walks the runs by their seq, so that a query
    // that has reached its limit stops reading.
    from: `runs
      CROSS JOIN attempts ON attempts.run_id = runs.run_id
      CROSS JOIN event_batches ON event_batches.attempt = attempts.id
      CROSS JOIN json_each(event_batches.events) AS event`,
    order: ["runs.seq", "runs.run_id", "attempts.attempt_id"],
    then: "event.value ->> 'index'",
    select: `event.value AS record, attempts.run_id, attempts.attempt_id,
      attempts.name AS attempt_name,
      (attempts.record ->> 'ref') || ':' || (event.value ->> 'index') AS ref`,
    read: ({ record, ...row }: EventRow) => ({ ...JSON.parse(record), ...row }),
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
export function queryHistory(
  db: Db,
  query: HistoryQuery,
  until: Pick<Run, "run_id" | "seq">,
): readonly JsonObject[] {
  const { from, where, order, limit } = checked(query);
  const table = tables[from];
  const conditions = where.map(([column]) => `${table.columns[column]} IS ?`);
  const hints = from === "events" ? eventHints(where) : { conditions: [], values: [] };
  const direction = order === "newest" ? "DESC" : "ASC";
  const terms = table.order.map((term) => `${term} ${direction}`);
  const sql = `SELECT ${table.select} FROM ${table.from}
    WHERE (runs.seq, runs.run_id) <= (?, ?)
    ${[...hints.conditions, ...conditions].map((condition) => `AND ${condition}`).join(" ")}
    ORDER BY ${[...terms, ...table.then === undefined ? [] : [table.then]].join(", ")}
    LIMIT ?`;
  const values = [...hints.values, ...where.map(([, value]) => value)];
  const rows = db.all<never>(sql, until.seq, until.run_id, ...values, limit);
  return rows.map(table.read);
}

/**
 * Conditions that follow from those on the events and can be checked for a whole batch without reading its
 * JSON: its text holds the value as written, and problems are in separate batches.
 */
function eventHints(
  where: readonly (readonly [string, Value])[],
): { readonly conditions: readonly string[]; readonly values: readonly string[] } {
  const texts = where.filter(([column, value]) =>
    typeof value === "string" && eventKeys.some((key) => key === column)
  );
  const isProblem = where.some(([column, value]) =>
    (column === "type" && (value === "diagnostic" || value === "suite_error")) ||
    (column === "status" && typeof value === "string" && value !== "passed" && value !== "skipped")
  );
  return {
    conditions: [
      ...isProblem ? ["event_batches.problem = 1"] : [],
      ...texts.map(() => "instr(event_batches.events, ?) > 0"),
    ],
    values: texts.map(([column, value]) => `"${column}":${JSON.stringify(value)}`),
  };
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
