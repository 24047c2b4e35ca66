/**
 * assay's own module loader: resolve → fetch the whole graph → check → strip types → rewrite imports → keep
 * in a content-addressed cache. It is the same under `deno run`, in a bundle and in a compiled program,
 * which could import neither remote modules nor, in older versions of Deno, TypeScript.
 *
 * @module
 */

import { UserError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { LockedPlugin, ModuleMode, ModuleSettings } from "../plugin_setting.ts";
import { builtGraph, cachedGraph, localFolders, noteEntry } from "./_cached_graph.ts";
import { type BuiltGraph, type BuiltModule, contradicts, holdsFiles } from "./_record.ts";
import { namedInProject, refusal } from "./_refusal.ts";
import { checkAddress, entryTarget, isLocal, toFileUrl } from "./_resolve.ts";

export type { BuiltGraph, BuiltModule };

/**
 * Prepares the modules of the plugin at `url` for import. None of them is run and the lock is not
 * touched. A graph that is cached and locked is only read and hashed.
 *
 * @param root Absolute path of the project, which `./x.ts` is relative to.
 * @param locked What the lock says; without it, as in `assay plugin update`, the current versions count.
 * @throws {UserError} with a stable `code` for everything that is refused.
 */
export async function buildGraph(...given: Parameters<typeof graphOf>): Promise<BuiltGraph> {
  return await graphOf(...given).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    throw namedInProject(error, toFileUrl(`${given[1]}/`));
  });
}

async function graphOf(
  io: Io,
  root: string,
  url: string,
  settings: ModuleSettings,
  mode: ModuleMode,
  locked: LockedPlugin | undefined,
): Promise<BuiltGraph> {
  const entry = entryTarget(root, url);
  if (entry.kind === "node" || entry.kind === "builtin") {
    throw refusal(
      "module_address_invalid",
      { url },
      "that is a module of the runtime, not a plugin",
    );
  }
  if (entry.kind === "module") checkAddress(entry.url, "local", settings.allow, { url });
  const folders = await localFolders(io, root, entry.url);
  if (!mode.reload) {
    const cached = await cachedGraph({ io, url: entry.url, settings, locked, folders });
    if (cached) return cached;
  }
  const [{ loadGraph }, { checkLinks }, { writeGraph }] = await Promise.all([
    import("./_load.ts"),
    import("./_check_links.ts"),
    import("./_write_graph.ts"),
  ]);
  const graph = await loadGraph({ io, settings, mode, locked, plugin: url, entry, folders });
  checkLinks(graph);
  const written = await writeGraph(io, entry.url, graph);
  if (!holdsFiles(written.record.modules) && contradicts(locked?.built, written.sha256)) {
    throw new UserError(
      `The modules of the plugin ${url} match .assay/lock.json, but what is built from ` +
        `them does not: the lock has ${locked!.built}, the build is ${written.sha256}`,
      {
        code: "module_build_changed",
        hint: `Restore the lock; to accept what is there now: assay plugin update ${url}`,
      },
    );
  }
  await noteEntry(io, entry.url, written.key);
  return await builtGraph(io, written, locked);
}

const atHome: ModuleMode = { frozen: false, cachedOnly: true, reload: false };

/**
 * The local files that make up a plugin's modules, with their hashes. Nothing is fetched, written or run.
 *
 * @throws {UserError} when one cannot be read or is not a module that could be loaded.
 */
export async function localModules(
  io: Io,
  root: string,
  url: string,
  settings: ModuleSettings,
  locked: LockedPlugin | undefined,
): Promise<readonly Pick<BuiltModule, "url" | "sha256">[]> {
  const entry = entryTarget(root, url);
  if (entry.kind !== "module" || !isLocal(entry.url)) return [];
  const folders = await localFolders(io, root, entry.url);
  const cached = await cachedGraph({ io, url: entry.url, settings, locked, folders }).catch(
    (error) => {
      // A damaged cache is reported when the plugin is loaded from it.
      if (!(error instanceof UserError)) throw error;
    },
  );
  const request = { io, settings, mode: atHome, locked, plugin: url, entry, folders };
  const { loadGraph } = await import("./_load.ts");
  const modules = cached?.modules ??
    [...(await loadGraph({ ...request, localOnly: true })).modules.values()];
  return modules.filter((each) => each.url.startsWith("file:"));
}
