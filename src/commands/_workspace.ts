/** What a verb works on: the project, its configuration, its store; and how it answers. */

import { resolve } from "@std/path";
import { findRoot } from "../config/find_root.ts";
import type { Project } from "../config/types.ts";
import { ExitCode, usageError } from "../errors.ts";
import { type LineageReading, readLineage } from "../git/lineage.ts";
import { pendingJournal } from "../hook/journal.ts";
import { closeProject } from "../process/programs.ts";
import type { PipelineContext } from "../run/mod.ts";
import { writtenBy } from "../run/modified.ts";
import { endOrphans } from "../run/orphans.ts";
import { openStore } from "../store/mod.ts";
import type { Store } from "../store/types.ts";
import { clean } from "../text/clean.ts";
import { unloadedLines } from "./_plugin_record.ts";
import { definitionsOf } from "./_definitions.ts";
import { openProject } from "./_plugins.ts";
import type { Reporting } from "./_reporting.ts";
import type { Call, OpenedProject } from "./types.ts";

/** Everything that turns records into text; loaded only when text is printed. */
type Terminal = typeof import("../report/terminal/mod.ts");

/**
 * Prints a verb's answer: `value` as one JSON object with `--json`, else the text that `say` makes of it. A verb
 * that answered what it was asked has succeeded.
 */
export async function tell(
  { io, json }: Pick<Call, "io" | "json">,
  value: unknown,
  say: (terminal: Terminal) => string,
): Promise<ExitCode> {
  io.stdout.write(
    json ? `${JSON.stringify(value, null, 2)}\n` : say(await import("../report/terminal/mod.ts")),
  );
  return ExitCode.ok;
}

/** Prints notes for people on standard error, next to the answer; with `--json` the answer holds them. */
export function remark({ io, json }: Pick<Call, "io" | "json">, lines: readonly string[]): void {
  if (json) return;
  for (const line of lines) io.stderr.write(`assay: ${clean(line)}\n`);
}

/** A signal that aborts when the process is asked to end while the verb runs. */
export function stopSignal({ io, atEnd }: Call): AbortSignal {
  const stop = new AbortController();
  atEnd(io.onStop((signal) => stop.abort(`${signal} received`)));
  return stop.signal;
}

export async function projectOf(call: Call, root: string): Promise<Project> {
  const { project, unloaded } = await openProject(call, root);
  remark(call, unloadedLines(unloaded));
  return project;
}

/** Opens the store for a verb that only reads; it is closed when the verb ends. */
export async function openStored(call: Call, root: string): Promise<Store> {
  const store = await openStore(call.io, root, { readOnly: true });
  call.atEnd(() => store.close());
  call.mend(async () => {
    store.close();
    const { rebuildStore } = await import("../store/rebuild.ts");
    remark(call, (await rebuildStore(call.io, root)).warnings);
  });
  remark(call, store.warnings);
  return store;
}

/** No reporter code is loaded when none is asked for. */
async function reportingOf(call: Call, root: string): Promise<Reporting | undefined> {
  const takesReporters = call.verb.flags.some(({ name }) => name === "reporter");
  if (!takesReporters || call.list("reporter").length === 0 && !call.json) return undefined;
  return await (await import("./_reporting.ts")).openReporting(call, root);
}

export interface OpenedContext extends PipelineContext {
  readonly reporting?: Reporting;
}

/** What a verb knows already when it opens a run. */
export interface Known {
  readonly root?: string;
  /** The run's place in the history; may be called twice. */
  lineage?(): Promise<LineageReading>;
  /** Called as soon as the project is open, while git is still being asked. */
  opened?(project: OpenedProject): void;
}

/**
 * Everything a run needs; the store is closed when the verb ends. The slow parts, other programs, start
 * first.
 */
export async function openRunContext(call: Call, known: Known = {}): Promise<OpenedContext> {
  const { io } = call;
  const root = known.root ?? await recoveredRoot(call);
  // Before the tree is looked at: leftovers of an earlier run in a report's place are removed.
  const reporting = await reportingOf(call, root);
  const loading = openProject(call, root);
  const written = loading.then(({ project }) => writtenBy(project));
  const lineageNow = known.lineage ?? (() => readLineage(io, root, { written }));
  // Git too: which git may be used is known once the configuration is.
  const asked = loading.then(lineageNow);
  // Wrong configuration is reported at once, without waiting for the rest.
  written.catch(() => {});
  asked.catch(() => {});
  const opening = await loading;
  const { project, plugins, unloaded, wroteLock } = opening;
  known.opened?.(opening);
  remark(call, unloadedLines(unloaded));
  const store = await openStore(io, root);
  call.atEnd(() => store.close());
  const orphans = await endOrphans(io, root, store);
  // The lock belongs to the tree, but assay's own write to it is not a change by a command.
  const first = await asked;
  const { lineage, marks, mismatched = [], why = "git reports none" } = wroteLock
    ? await lineageNow()
    : first;
  const warnings = [
    ...store.warnings,
    ...orphans,
    ...lineage.tree === null ? [`results are not tied to the state of the files: ${why}`] : [],
  ];
  const { version } = call.builtins;
  const definitions = await definitionsOf(io, project);
  const opened = {
    io,
    project,
    store,
    lineage: { ...lineage, definitions },
    mismatched,
    warnings,
    plugins,
    version,
  };
  return { ...opened, ...marks ? { marks } : {}, ...reporting ? { reporting } : {} };
}

/**
 * The root of the project the call is about, an absolute real path. What a dead hook run had set aside is put
 * back first: until then the project is not in its user's state.
 */
export async function recoveredRoot(call: Call): Promise<string> {
  const root = await rootOf(call);
  const pending = call.verb.needs.includes("run") && await pendingJournal(call.io, root);
  if (pending) {
    const { recoverFirst } = await import("../hook/recover.ts");
    await recoverFirst(call.io, pending, root, call.json);
  }
  return root;
}

/** Only the root. From now on assay takes none of its programs from it. */
export async function rootOf(call: Call): Promise<string> {
  const root = await namedRoot(call);
  await closeProject(call.io, root, () => configured(call, root));
  return root;
}

/** What commands may write, for a verb that starts programs before it opens the project. No plugin is loaded. */
async function configured({ io }: Call, root: string): Promise<void> {
  const { loadProject } = await import("../config/load.ts");
  const nothing = { keys: [], validate: () => Promise.resolve([]) };
  const loadModules = () => Promise.resolve({ ...nothing, formats: [], runners: [] });
  const options = { builtins: [], knownFormats: [], extensions: nothing, loadModules };
  // Errors are reported by the verbs that need it; what could be read is used.
  await loadProject(io, root, options).catch(() => {});
}

async function namedRoot({ io, value }: Pick<Call, "io" | "value">): Promise<string> {
  const given = value("root");
  if (given === undefined) return await findRoot(io, io.cwd);
  const path = resolve(io.cwd, given);
  const info = await io.fs.stat(path);
  if (info?.isDirectory) return await io.fs.realPath(path);
  const why = info ? "not a folder" : "no such folder";
  throw usageError(`--root ${given}: ${why}`, "give the folder of a project");
}
