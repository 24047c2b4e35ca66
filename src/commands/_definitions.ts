/** What a run is configured to do, apart from the files of the project: its configuration may be ignored by git. */

import { join } from "@std/path";
import type { Project } from "../config/types.ts";
import type { Io } from "../io.ts";

/**
 * SHA-256 over the configuration as it is on disk, the manifests by which runners are found, and everything that decides
 * which code plugins run. No plugin is loaded, so it is the same whether they are or not.
 */
export async function definitionsOf(io: Io, project: Project): Promise<string> {
  const { root, files, runners, dropped, modulePlugins, modules } = project;
  // Runners of plugins are covered by what the plugins are.
  const own = [...runners, ...dropped.map(({ def }) => def)]
    .filter(({ origin: { file } }) => file === "built-in" || files.includes(file));
  const named = own.flatMap(({ detect }) => detect)
    .map((each) => typeof each === "string" ? each : each.file)
    .filter((path) => !/[*?[\]{}\\]/.test(path));
  const paths = [...new Set([...files, ...named])].toSorted();
  const hashes = await Promise.all(paths.map(async (path) => {
    const full = join(root, path);
    if (!(await io.fs.stat(full))?.isFile) return [path, null];
    return [path, (await io.fs.sha256(full)).sha256];
  }));
  const content = modulePlugins.length === 0 ? null : await contentOfPlugins();
  const text = JSON.stringify([hashes.filter(([, hash]) => hash !== null), content]);
  return await io.sha256(new TextEncoder().encode(text));

  async function contentOfPlugins() {
    const { contentOf } = await import("../modules/content.ts");
    // What cannot be read does not run either.
    return await contentOf(io, root, modulePlugins, modules, new Map());
  }
}
