/**
 * What a plugin without grants might try, each act alone. An act is the body of an async function in the
 * plugin; it returns "GOT" when it attained what it wanted. Its positive control does the same act where
 * nothing stops it, so that an act that cannot work proves nothing.
 *
 * In scope: `services`, `secretFile` (in the project, holds GOT), `outside` (a file elsewhere, holds GOT),
 * `link` (in the project, a link to `outside`), `host` (of a server that answers GOT), `mark` (a text that must
 * appear on no stream), `sleep(ms)`, `node(name)` (a module of Node's by `process`).
 *
 * @module
 */

import type { PluginPermissions } from "../../../src/plugin.ts";

/** One act. */
export interface Attack {
  readonly name: string;
  readonly act: string;
  /** What the plugin was granted all the same. */
  readonly granted?: (place: Place) => PluginPermissions;
  readonly control: Control;
  /**
   * It makes the runtime itself stumble: its control runs in a process of its own, and succeeds when that
   * prints something or fails.
   */
  readonly alone?: true;
}

/** Where the acts take place. */
export interface Place {
  readonly root: string;
  readonly outside: string;
  readonly host: string;
}

/** How the act succeeds: as a plugin with a grant, or in a worker that was not hardened. */
export interface Control {
  readonly in: "plugin" | "bare";
  readonly permissions?: (place: Place) => PluginPermissions;
  /** What shows the success: "GOT" is returned, `mark` is printed, or the worker is gone. Default returns. */
  readonly shows?: "returns" | "prints" | "ends";
  /** Part of the message by which some runtimes refuse the act themselves. */
  readonly runtimeRefuses?: string;
}

export const read = ({ root }: Place): PluginPermissions => ({ read: [root] });
export const readWrite = ({ root }: Place): PluginPermissions => ({ read: [root], write: [root] });
export const readAll = (): PluginPermissions => ({ read: true });
export const net = ({ host }: Place): PluginPermissions => ({ net: [host] });
export const env = (): PluginPermissions => ({ env: ["HOSTILE_SECRET"] });
export const run = (): PluginPermissions => ({ run: ["sh"] });

export const bare: Control = { in: "bare" };
export const printed: Control = { in: "bare", shows: "prints" };
export const plugin = (permissions: (place: Place) => PluginPermissions): Control => ({
  in: "plugin",
  permissions,
});
export const bareWith = (permissions: (place: Place) => PluginPermissions): Control => ({
  in: "bare",
  permissions,
});

export const got = (expression: string) => `return (${expression}).includes("GOT") ? "GOT" : "no";`;
