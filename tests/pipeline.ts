/** What the tests of the pipeline share: a project, plugins in this process, and a run of its commands. */

import { withProject } from "./config_project.ts";
import { parsers } from "../plugins/parsers/mod.ts";
import { loadProject } from "../src/config/load.ts";
import type { Project } from "../src/config/types.ts";
import type { Io } from "../src/io.ts";
import type { Attempt, Run } from "../src/model.ts";
import type { Annotator, Extension, SandboxEngine } from "../src/plugin.ts";
import { openStore } from "../src/store/mod.ts";
import { type Plugins, pluginsOf, runPipeline } from "../src/run/mod.ts";
import { planCommands } from "../src/run/plan.ts";

/** What a test's commands run in. */
export interface Setting {
  readonly extensions: readonly Extension[];
  readonly engines?: readonly SandboxEngine[];
  readonly annotators?: readonly Annotator[];
  /** Paths and texts; `.assay/commands.toml` among them. */
  readonly files: Readonly<Record<string, string>>;
  readonly order?: readonly string[];
  /** Of one call of a plugin. */
  readonly callTimeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Bytes kept of a stream. */
  readonly outputCap?: number;
  /** What is other than on this machine. */
  readonly world?: Partial<Io>;
}

/** A project on disk and what can be done in it. */
export interface Stage {
  readonly io: Io;
  readonly root: string;
  readonly project: Project;
  readonly plugins: Plugins;
  /** Runs all its commands, one after the other. */
  run(): Promise<Run>;
}

/** Sets a stage, and removes it after `body`. */
export async function onStage<T>(
  { extensions, engines = [], annotators = [], files, order, callTimeoutMs, signal, ...more }:
    Setting,
  body: (stage: Stage) => Promise<T>,
): Promise<T> {
  return await withProject(files, async (root, real) => {
    // What made-up engines say of the machine is not to be remembered.
    const io: Io = {
      ...real,
      env: (name) => name === "XDG_CACHE_HOME" ? `${root}/.cache` : real.env(name),
      ...more.world,
    };
    const keys = extensions.map(({ configKey }) => configKey);
    const loaded = await loadProject(io, root, {
      builtins: [],
      knownFormats: ["exit-code", "tap"],
      extensions: { keys, validate: () => Promise.resolve([]) },
    });
    const project: Project = {
      ...loaded,
      extensions: {
        order: order ?? loaded.extensions.order,
        callTimeoutMs: callTimeoutMs ?? loaded.extensions.callTimeoutMs,
      },
      store: { outputCap: more.outputCap ?? loaded.store.outputCap },
    };
    const plugin = { name: "fake", extensions, engines, annotators, parsers };
    const owner = { plugin, options: { tone: "loud" }, source: "built-in" };
    const plugins = pluginsOf([owner], project.extensions.order);
    return await body({
      io,
      root,
      project,
      plugins,
      run: () => runAll(io, project, plugins, signal),
    });
  });
}

async function runAll(
  io: Io,
  project: Project,
  plugins: Plugins,
  signal = new AbortController().signal,
): Promise<Run> {
  const store = await openStore(io, project.root);
  const lineage = { commit: null, branch: null, dirty: null, tree: null, bytes: null };
  try {
    const { run } = await runPipeline(
      { verb: "run", plan: planCommands(project.commands), jobs: 1, failFast: false, signal },
      { io, project, store, lineage, warnings: [], plugins, version: "0" },
    );
    return run;
  } finally {
    store.close();
  }
}

/** Runs one command with its tables and returns the result. */
export async function attemptWith(
  extensions: readonly Extension[],
  toml: string,
  more: Partial<Setting> = {},
): Promise<Attempt> {
  const files = { ".assay/commands.toml": `[commands.it]\n${toml}\n`, ...more.files };
  return await onStage(
    { extensions, ...more, files },
    async ({ run }) => (await run()).attempts[0]!,
  );
}

/** An extension whose table is named like it. */
export function extension(name: string, more: Partial<Extension> = {}): Extension {
  return { name, configKey: name, prepare: (spec) => spec, ...more };
}
