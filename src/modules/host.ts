/** Plugins that are modules: in a worker of their own, or by explicit choice in assay's own process. */

import { messageOf, UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Plugin } from "../plugin.ts";
import { programEnvironment, programOf } from "../programs.ts";
import type { PluginManifest } from "../plugin_setting.ts";
import { connect } from "./_connection.ts";
import { type Grants, visibleEnvironment, workerPermissions } from "./_grants.ts";
import { proxyOf } from "./_proxy.ts";
import { safeParse } from "./_safe_json.ts";
import { describe } from "./worker/describe.ts";
import type { WorkerSetup } from "./worker/protocol.ts";
import { toFileUrl } from "./_file_url.ts";

export { checkGrants } from "./_grants.ts";

/** A plugin that was built, and what it may do. */
export interface HostOptions extends Grants {
  /** Absolute path of the built entry module. */
  readonly entry: string;
  /** What it imports of Node's: most of that can be loaded only before the realm is hardened. */
  readonly nodeModules?: readonly string[] | undefined;
  /** How long a parser may take for one batch of events, in milliseconds. Default 10 s. */
  readonly callTimeoutMs?: number;
  /** Takes what the plugin prints; without it nobody does. */
  readonly log?: (message: string) => void;
}

/** A plugin in a worker. The worker is started by the first call and ended by {@linkcode ModuleHost.end}. */
export interface ModuleHost {
  /**
   * Loads the module and says what it brings.
   *
   * @throws {UserErrors} when the default export has the wrong shape.
   * @throws {UserError} when the module throws while it is loaded.
   */
  describe(signal: AbortSignal): Promise<PluginManifest>;
  /** The plugin whose functions are calls into the worker. */
  plugin(manifest: PluginManifest): Plugin;
  end(): void;
}

const defaultTimeoutMs = 10_000;

/** Makes the host of a plugin. Starts nothing until something is called. */
export function moduleHost(io: Io, options: HostOptions): ModuleHost {
  const { url, permissions, callTimeoutMs = defaultTimeoutMs, log = () => {} } = options;
  const connection = connect(io, {
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
  return {
    async describe(signal) {
      const call = { call: { what: "describe" }, options: {}, signal } as const;
      const described = await told(url, connection.call(call));
      const { manifestOf } = await import("./_manifest.ts");
      return manifestOf(described, url);
    },
    plugin: (manifest) =>
      proxyOf(manifest, {
        io,
        connection,
        timeoutMs: callTimeoutMs,
        environment: (env) => visibleEnvironment(io, permissions, env),
      }),
    end: () => connection.end(),
  };
}

/**
 * Imports a built module into assay's own process (`isolation = "none"`), where it may do what assay may.
 *
 * @throws {UserErrors} when the default export has the wrong shape.
 * @throws {UserError} when the module throws while it is loaded.
 */
export async function inProcess(
  io: Io,
  { entry, url }: Pick<HostOptions, "entry" | "url">,
): Promise<{ readonly manifest: PluginManifest; readonly plugin: Plugin }> {
  const module = await told(url, io.importFile(entry, url)) as { readonly default?: unknown };
  const { manifestOf } = await import("./_manifest.ts");
  const described = safeParse(JSON.stringify(describe(module.default)));
  return { manifest: manifestOf(described, url), plugin: module.default as Plugin };
}

/** The worker's first module: it hardens its realm, then imports the plugin, by a literal. */
async function bootstrapOf(
  io: Io,
  { entry, root, permissions, nodeModules = [] }: HostOptions,
): Promise<string> {
  const { workerSource } = await import("./worker_source.ts");
  const { ffi } = permissions;
  const setup: WorkerSetup = {
    root,
    ffi: ffi === true || (Array.isArray(ffi) && ffi.length > 0),
    path: permissions.run ? (await programEnvironment(io)).PATH ?? "" : "",
  };
  const address = JSON.stringify(toFileUrl(entry));
  const before = nodeModules.map((name) => `import ${JSON.stringify(name)};\n`).join("");
  return `${before}${workerSource}\nbegin(${JSON.stringify(setup)}, () => import(${address}));\n`;
}

/** What stops a module from loading is for its user to mend. */
async function told<T>(url: string, loading: Promise<T>): Promise<T> {
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
