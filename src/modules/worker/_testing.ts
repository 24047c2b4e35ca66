/** Plugins written to a folder and started in real workers, for tests. */

import { realIo } from "../../real_io.ts";
import { type HostOptions, type ModuleHost, moduleHost } from "../host.ts";
import type { ConfigTable, Plugin, PluginPermissions, Services } from "../../plugin.ts";

/** What a test works with. */
export interface Started {
  readonly host: ModuleHost;
  readonly plugin: Plugin;
  /** The project root, a real path that is removed afterwards. */
  readonly root: string;
  /** What the plugin printed. */
  readonly logs: string[];
}

/** Options of {@linkcode withPlugin} besides the module's text. */
export interface TestOptions extends Partial<Pick<HostOptions, "callTimeoutMs">> {
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

/** Services of a call; the worker has its own save `options`, `signal` and `warn`. */
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
    env: unused,
    warn: (message) => warnings.push(message),
  };
}
