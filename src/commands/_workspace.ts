/** Opens what a verb works on: the project's configuration, its store, its lineage. */

import { findRoot } from "../config/find_root.ts";
import type { Project } from "../config/types.ts";
import { UserError } from "../errors.ts";
import type { PipelineContext } from "../run/mod.ts";
import { writtenBy } from "../run/modified.ts";
import { endOrphans } from "../run/orphans.ts";
import { closeProject } from "../process/programs.ts";
import { type LineageReading, readLineage } from "../git/lineage.ts";
import { openStore } from "../store/mod.ts";
import { openProject } from "./_plugins.ts";
import { recoverFirst } from "./_recovery.ts";
import { tellUnloaded } from "./_unloaded.ts";
import type { Reporting } from "./_reporting.ts";
import type { Call } from "./types.ts";
import { resolve } from "@std/path";

/** The project's configuration, checked. */
export async function projectOf(call: Call, root: string): Promise<Project> {
  const opened = await openProject(call, root);
  tellUnloaded(call, opened);
  return opened.project;
}

/** Nothing of reporters is loaded when none is asked for. */
async function reportingOf(call: Call, root: string): Promise<Reporting | undefined> {
  const isAsked = call.list("reporter").length > 0 || (call.json && takesReporters(call));
  if (!isAsked) return undefined;
  const { openReporting } = await import("./_reporting.ts");
  return await openReporting(call, root);
}

function takesReporters({ verb }: Call): boolean {
  return verb.flags.some(({ name }) => name === "reporter");
}

function treeWarning(why = "git does not tell"): string {
  return `the evidence is tied to no tree: ${why}`;
}

/** Everything a run needs, and the reports that are asked for. */
export interface OpenedContext extends PipelineContext {
  readonly reporting?: Reporting;
}

/** What a verb knows already when it opens a run. */
export interface Known {
  readonly root: string;
  /** Where the run stands; may be asked twice. */
  lineage(): Promise<LineageReading>;
}

/** Everything a run needs. The slow parts, which are other programs, start first. */
export async function openRunContext(call: Call, known?: Known): Promise<OpenedContext> {
  const { io } = call;
  const root = known?.root ?? await recoveredRoot(call);
  // Before the tree is looked at: what an earlier run left in a report's place is taken away.
  const reporting = await reportingOf(call, root);
  const loading = openProject(call, root);
  const written = loading.then(({ project }) => writtenBy(project));
  const lineageNow = known?.lineage ??
    (() => readLineage(io, root, { written }));
  // Git too: which one may be asked is known when the configuration is.
  const asked = loading.then(lineageNow);
  // Wrong configuration is told at once; nobody waits for the rest then.
  written.catch(() => {});
  asked.catch(() => {});
  const opening = await loading;
  tellUnloaded(call, opening);
  const { project, plugins, wroteLock } = opening;
  const store = await openStore(io, root);
  const { version } = call.builtins;
  const orphans = await endOrphans(io, store);
  // The lock belongs to the tree, but that assay itself wrote it is no change by a command.
  const first = await asked;
  const { lineage, marks, why } = wroteLock ? await lineageNow() : first;
  const warnings = [
    ...store.warnings,
    ...orphans,
    ...lineage.tree === null ? [treeWarning(why)] : [],
  ];
  const opened = { io, project, store, lineage, warnings, plugins, version };
  return { ...opened, ...marks ? { marks } : {}, ...reporting ? { reporting } : {} };
}

// Which project a call is about.

/**
 * The root of the project the call is about, an absolute real path. What a hook run that died set aside is put
 * back first: until then the project is not what its user knows.
 */
export async function recoveredRoot(call: Call): Promise<string> {
  const root = await rootOf(call);
  await recoverFirst(call, root);
  return root;
}

/** The root, and nothing else. From now on no program of assay's own is taken from it. */
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
  // What is wrong is told by the verbs that need it; what could be read is known.
  await loadProject(io, root, options).catch(() => {});
}

async function namedRoot({ io, value }: Pick<Call, "io" | "value">): Promise<string> {
  const given = value("root");
  if (given === undefined) return await findRoot(io, io.cwd);
  const path = resolve(io.cwd, given);
  const info = await io.fs.stat(path);
  if (info?.isDirectory) return await io.fs.realPath(path);
  throw new UserError(
    `--root ${given}: ${info ? "it is not a folder" : "there is no such folder"}`,
    {
      code: "usage",
      hint: "name the folder of a project",
    },
  );
}
