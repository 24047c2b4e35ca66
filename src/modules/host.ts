/** Plugins that are modules: each in its own worker, or by explicit choice in assay's own process. */

import { messageOf, UserError } from "../errors.ts";
import { type Io, isNotFound, type WorkerPermissions } from "../io.ts";
import type { Plugin, Services } from "../plugin.ts";
import { programEnvironment, programOf } from "../process/programs.ts";
import { isGranted, type PluginManifest } from "../plugin_setting.ts";
import type { PluginPermissions, PluginSetting } from "../plugin_setting.ts";
import { toFileUrl } from "./_resolve.ts";
import { connect, type Connection } from "./_connection.ts";
import { proxyOf } from "./_proxy.ts";
import { safeParse } from "./_safe_json.ts";
import type { CallTools } from "./worker/calls.ts";
import { type Ask, maxMessage, type WorkerSetup } from "./worker/protocol.ts";
import { isAbsolute, resolve } from "@std/path";

export interface HostOptions extends Grants {
  /** `none`: in assay's own process. Default: in a worker. */
  readonly isolation?: PluginSetting["isolation"];
  /** Absolute path of the built entry module. */
  readonly entry: string;
  /** What it imports from Node: most of that can only be loaded before the realm is hardened. */
  readonly nodeModules?: readonly string[] | undefined;
  /** How long a parser may take for one batch of events, in milliseconds. Default 10 s. */
  readonly callTimeoutMs?: number;
  /** Receives what the plugin prints; otherwise that is dropped. */
  readonly log?: (message: string) => void;
}

/** A plugin in a worker. The first call starts the worker, {@linkcode ModuleHost.end} ends it. */
export interface ModuleHost {
  /**
   * Loads the module and returns what it provides.
   *
   * @throws {UserErrors} when the default export has the wrong shape.
   * @throws {UserError} when the module throws while it is loaded.
   */
  describe(signal: AbortSignal): Promise<PluginManifest>;
  /** The plugin whose functions are calls into the worker. */
  plugin(manifest: PluginManifest): Plugin;
  /** Starts the worker, as its plugin will be called. */
  warm(): void;
  end(): void;
}

const defaultTimeoutMs = 10_000;

/** Makes the host of a plugin. Starts nothing until something is called. */
export function moduleHost(io: Io, options: HostOptions): ModuleHost {
  const { url, permissions, callTimeoutMs = defaultTimeoutMs } = options;
  const isOwn = options.isolation === "none";
  const connection = isOwn ? ownProcess(io, options) : workerOf(io, options);
  return {
    async describe(signal) {
      const call = { call: { what: "describe" }, options: {}, signal } as const;
      const described = await orLoadError(url, connection.call(call));
      const { manifestOf } = await import("./_manifest.ts");
      return manifestOf(described, url);
    },
    plugin: (manifest) =>
      proxyOf(manifest, {
        io,
        connection,
        timeoutMs: callTimeoutMs,
        environment: (env) =>
          isOwn ? { seen: { ...env }, hidden: {} } : visibleEnvironment(io, permissions, env),
      }),
    warm: () => connection.warm(),
    end: () => connection.end(),
  };
}

function workerOf(io: Io, options: HostOptions): Connection {
  const { permissions, log = () => {} } = options;
  return connect(io, {
    log,
    async program(name) {
      const { run } = permissions;
      if (run === true || (Array.isArray(run) && run.includes(name))) {
        return await (name.includes("/") ? name : programOf(io, name));
      }
      throw new Error(`the plugin was not granted "run" of "${name}"`);
    },
    async start(listener) {
      const granted = await workerPermissions(io, options);
      return io.startWorker(await bootstrapOf(io, options), granted, listener);
    },
  });
}

/**
 * Calls into a module in assay's own process (`isolation = "none"`), where it may do what assay may. What it returns
 * goes through JSON, as a worker's does, and is checked against the same shapes.
 */
function ownProcess(io: Io, { entry, url }: HostOptions): Connection {
  const collectors: CallTools["collectors"] = new Map();
  let loading: Promise<{ readonly default?: unknown }> | undefined;
  return {
    async call({ call, options, signal, services, annotate, ask }) {
      signal.throwIfAborted();
      const asking = async (question: Ask) => {
        if (!ask) throw new Error("this call has nothing to ask");
        return await ask(question);
      };
      const { perform } = await import("./worker/calls.ts");
      loading ??= io.importFile(entry, url) as Promise<{ readonly default?: unknown }>;
      const performing = loading.then((module) =>
        perform(module.default, structuredClone(call), {
          services: { ...services, options, signal } as Services,
          collectors,
          ask: (question) => asking(plain(question) as Ask),
          emit: (events) => asking({ what: "emit", events: safeParse(`[${events.join(",")}]`) }),
          annotate: (annotations) => annotate?.(plain(annotations)),
        })
      );
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
      return plain(await Promise.race([performing, aborted]));
    },
    warm() {},
    end() {},
  };
}

function plain(value: unknown): unknown {
  try {
    const text = JSON.stringify(value) ?? "null";
    if (text.length > maxMessage) throw new RangeError("it is larger than 16 MiB");
    return safeParse(text);
  } catch (error) {
    throw new TypeError(`what was returned cannot be handed over: ${messageOf(error)}`);
  }
}

/** The worker's first module: it hardens its realm, then imports the plugin, by a literal. */
async function bootstrapOf(
  io: Io,
  { entry, root, permissions, nodeModules = [] }: HostOptions,
): Promise<string> {
  const { default: program } = await import("./worker_program.js", { with: { type: "text" } });
  const { ffi } = permissions;
  const setup: WorkerSetup = {
    root,
    ffi: isGranted(ffi),
    path: permissions.run ? (await programEnvironment(io)).PATH ?? "" : "",
  };
  const address = JSON.stringify(toFileUrl(entry));
  const before = nodeModules.map((name) => `import ${JSON.stringify(name)};\n`).join("");
  return `${before}${program}\nbegin(${JSON.stringify(setup)}, () => import(${address}));\n`;
}

/** The user has to fix what stops a module from loading. */
async function orLoadError<T>(url: string, loading: Promise<T>): Promise<T> {
  try {
    return await loading;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${url}: the module cannot be loaded: ${messageOf(error)}`, {
      code: "plugin_load",
      hint: "see what it does when it is imported; it runs with the permissions it was granted",
      cause: error,
    });
  }
}

// Turns what a plugin was granted into its worker's permissions.

/** Grants of one plugin, and what they are relative to. */
interface Grants {
  readonly url: string;
  readonly permissions: PluginPermissions;
  /** The project root, an absolute real path. */
  readonly root: string;
}

/**
 * The permissions of a worker: paths become absolute, and are listed together with their link targets, because
 * a worker checks the target once links are followed.
 */
async function workerPermissions(io: Io, grants: Grants): Promise<WorkerPermissions> {
  const { read, write, run, ffi, ...others } = grants.permissions;
  const paths = async (list: PluginPermissions["read"]) =>
    Array.isArray(list)
      ? [...new Set((await Promise.all(list.map((path) => places(io, grants.root, path)))).flat())]
      : list;
  const programs = Array.isArray(run)
    ? await Promise.all(run.map((program) => runnable(io, grants.root, program)))
    : run;
  const all = {
    ...others,
    read: await paths(read),
    write: await paths(write),
    run: programs,
    ffi: await paths(ffi),
  };
  // Deno treats an empty list as everything or as nothing, depending on its version.
  const granted = Object.entries(all).filter(([, value]) => isGranted(value));
  return Object.fromEntries(granted) as WorkerPermissions;
}

/** A program by its path: found by name, it might be one that a command put there. */
async function runnable(io: Io, root: string, program: string): Promise<string> {
  if (program.includes("/")) return resolve(root, program);
  return await programOf(io, program).catch(() => program);
}

async function places(io: Io, root: string, path: string): Promise<string[]> {
  const place = isAbsolute(path) ? resolve(path) : resolve(root, path);
  try {
    return [place, await io.fs.realPath(place)];
  } catch (error) {
    if (isNotFound(error)) return [place];
    throw error;
  }
}

/**
 * Checks that assay itself has what a plugin was granted: a worker cannot have a permission that the
 * process does not have.
 *
 * @throws {UserError} with the flags to start assay with.
 */
export async function checkGrants(io: Io, grants: Grants): Promise<void> {
  const missing = io.missing(await workerPermissions(io, grants));
  if (missing.length === 0) return;
  const flags = missing.map((name) => `--allow-${name}`).join(" ");
  throw new UserError(
    `${grants.url}: it was granted ${missing.join(", ")}, which assay itself may not use here`,
    {
      code: "plugin_permission",
      hint: `start assay with ${flags}, or take the grant out of its [[plugin]] table`,
    },
  );
}

/**
 * A command's environment as a plugin may see it: without those variables of assay's own environment that it
 * was not granted. Variables set for the command are part of the command.
 */
function visibleEnvironment(
  io: Io,
  { env: grant }: PluginPermissions,
  env: Readonly<Record<string, string>>,
): { readonly seen: Record<string, string>; readonly hidden: Record<string, string> } {
  const own = io.environment();
  const mayRead = (name: string) =>
    grant === true || (Array.isArray(grant) && grant.includes(name));
  const seen: Record<string, string> = {};
  const hidden: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    (own[name] === value && !mayRead(name) ? hidden : seen)[name] = value;
  }
  return { seen, hidden };
}
