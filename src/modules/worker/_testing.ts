/** Plugins written to a folder and started in real workers, for tests. */

import { realIo } from "../../real_io.ts";
import { type HostOptions, type ModuleHost, moduleHost } from "../host.ts";
import type {
  CommandSpec,
  ConfigTable,
  EngineHost,
  ExecutionResult,
  Plugin,
  PluginPermissions,
  Services,
  WrapContext,
} from "../../plugin.ts";

/** What a test works with. */
export interface Started {
  readonly host: ModuleHost;
  readonly plugin: Plugin;
  /** The project root, a real path that is removed afterwards. */
  readonly root: string;
  /** What the plugin printed. */
  readonly logs: string[];
}

/** Options of {@linkcode withPlugin} other than the module's text. */
export interface TestOptions extends Partial<Pick<HostOptions, "callTimeoutMs" | "isolation">> {
  readonly permissions?: PluginPermissions;
  /** Files of the project by name. */
  readonly files?: Readonly<Record<string, string>>;
}

/** A folder that is removed afterwards. */
export async function withFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "assay-worker-" }));
  try {
    return await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Starts a module as a plugin and hands it over. */
export async function withPlugin<T>(
  module: string,
  body: (started: Started) => Promise<T>,
  { permissions = {}, files = {}, ...options }: TestOptions = {},
): Promise<T> {
  return await withFolder(async (folder) => {
    const root = `${folder}/project`;
    const entry = `${folder}/cache/entry.js`;
    await Deno.mkdir(root);
    await Deno.mkdir(`${folder}/cache`);
    await Deno.writeTextFile(entry, module);
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${root}/${name}`, text);
    }
    const logs: string[] = [];
    const host = moduleHost(realIo(), {
      entry,
      url: "./plugin.ts",
      permissions,
      root,
      log: (message) => logs.push(message),
      ...options,
    });
    try {
      const plugin = host.plugin(await host.describe(AbortSignal.timeout(30_000)));
      return await body({ host, plugin, root, logs });
    } finally {
      host.end();
    }
  });
}

/** Services of a call; except `options`, `signal` and `warn`, the worker has its own. */
export function services(
  options: ConfigTable = {},
  signal: AbortSignal = AbortSignal.timeout(30_000),
  warnings: string[] = [],
): Services {
  const unused = () => {
    throw new Error("the worker has its own");
  };
  return {
    options,
    root: "/nowhere",
    signal,
    readText: unused,
    run: unused,
    program: unused,
    env: unused,
    warn: (message) => warnings.push(message),
  };
}

/** What an engine's probe gets. */
export function engineHost(signal?: AbortSignal): EngineHost {
  return { ...services({}, signal), os: "linux", arch: "x86_64", self: ["assay", "--self"] };
}

/** What an engine gets of {@linkcode spec}. */
export function wrapContext(signal?: AbortSignal): WrapContext {
  const { attemptId, commandName, workspace, cwd, liveDir } = spec;
  return {
    ...engineHost(signal),
    ...{ attemptId, commandName, workspace, cwd, liveDir },
    tmpDir: "/w/tmp",
    descriptorsClosed: true,
    protectedPaths: ["/w/.git"],
    filesDir: "/w/files",
    environment: {},
    facts: {},
  };
}

export const spec: CommandSpec = {
  command: "make",
  originalCommand: "make",
  commandName: "build",
  attemptId: "1",
  workspace: "/w",
  cwd: "/w",
  liveDir: "/w/live",
  env: {},
  timeoutMs: 1_000,
  shell: ["sh", "-c"],
  wrappers: [],
  extensionData: { x: { key: "value" } },
  collectors: [],
};

/** What a command did. */
export function result(): ExecutionResult {
  const output = (text: string) => ({
    bytes: text.length,
    truncated: false,
    readText: ({ from = 0, bytes = text.length } = {}) => Promise.resolve(text.substr(from, bytes)),
  });
  return {
    exitCode: 0,
    stdout: output("standard output"),
    stderr: output("standard error"),
    startedAt: "2026-01-01T00:00:00Z",
    completedAt: "2026-01-01T00:00:01Z",
    durationMs: 1_000,
    signal: null,
    timedOut: false,
    cancelled: false,
    truncated: false,
    pid: 1,
    metrics: {},
    artifacts: {},
    denials: [],
  };
}
