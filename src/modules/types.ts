/** What the loader hands on. */

import type { LockedModule, PluginManifest } from "../plugin_setting.ts";

/** One module of a built graph. */
export interface BuiltModule extends LockedModule {
  /** After every redirect. */
  readonly url: string;
  /** Part of the project (`file:`, `data:`), therefore not pinned by the lock. */
  readonly local: boolean;
}

/** A plugin's modules, checked, transformed and on disk. */
export interface BuiltGraph {
  /** Absolute path of the entry module as a file that can be imported (JS). */
  readonly entry: string;
  /** Absolute folder that holds the whole built graph and nothing else. */
  readonly folder: string;
  /** SHA-256 that identifies the sources and the transform. */
  readonly key: string;
  /** Every module by final address, sorted. */
  readonly modules: readonly BuiltModule[];
  /** Where an address leads: redirects of servers, and what `jsr:` and `npm:` were resolved to. */
  readonly redirects: Readonly<Record<string, string>>;
  /**
   * The modules of Node's that the graph imports, such as `node:path`, sorted; absent when none. The runtime
   * loads them with names that a hardened realm no longer has, so a worker loads them before it hardens.
   */
  readonly nodeModules?: readonly string[];
  /** What the lock says of the build; absent when a file of the project is part of the graph. */
  readonly built?: string;
  /** Remembered from the first load of this very graph. */
  readonly manifest?: PluginManifest;
}
