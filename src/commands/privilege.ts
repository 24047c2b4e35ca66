/**
 * Which permissions of the process the verbs may use. What a verb does not need is dropped before it reads
 * any user data, and what only plugins might need is dropped once it is known that none does.
 */

import type { Io, PermissionName } from "../io.ts";
import { isGranted, type PluginSetting } from "../plugin_setting.ts";

const all = ["read", "write", "net", "env", "run", "sys", "ffi", "import"] as const;

export const looking: readonly PermissionName[] = ["read", "env"];

/** Says something about assay itself; its own code is read from its location. */
export const speaking = looking;

export const storing: readonly PermissionName[] = ["read", "write", "env"];

/** Works on a project: git and the commands are programs. */
export const running: readonly PermissionName[] = ["read", "write", "env", "run"];

/** What assay itself uses only to fetch plugins and to grant permissions to them. */
const forPlugins = ["net", "sys", "ffi"] as const;

/** Loads plugins: they come from the network, and a worker can only be granted what the process has. */
export const loading: readonly PermissionName[] = [...running, ...forPlugins];

export function keepOnly(io: Io, needs: readonly PermissionName[]): void {
  io.revoke(all.filter((name) => !needs.includes(name)));
}

/**
 * Once plugins are loaded, drops what was kept for them and granted to none. A plugin in assay's
 * own process was given all of it.
 */
export function keepGranted(
  io: Io,
  plugins: readonly Pick<PluginSetting, "permissions" | "isolation">[],
): void {
  if (plugins.some(({ isolation }) => isolation === "none")) return;
  io.revoke(
    forPlugins.filter((name) => !plugins.some(({ permissions }) => isGranted(permissions[name]))),
  );
}
