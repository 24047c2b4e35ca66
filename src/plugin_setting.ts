/**
 * What configuration says about module plugins, and what is known without running them: shared by
 * configuration, loader and pipeline, which do not import each other.
 *
 * @module
 */

import type {
  Capability,
  ConfigTable,
  PluginPermissions,
  ReportParser,
  Runner,
  Severity,
} from "./plugin.ts";

export type { PluginPermissions, Severity };

/** One `[[plugin]]` of `config.toml`. */
export interface PluginSetting {
  /** As written: `./x.ts`, `file:`, `https:`, `http:` on loopback, `data:`, `jsr:`, `npm:`. */
  readonly url: string;
  /** What it is granted; what is omitted is denied. */
  readonly permissions: PluginPermissions;
  readonly options: ConfigTable;
  /** `none`: in assay's own process with all its permissions, by explicit choice. */
  readonly isolation: "worker" | "none";
  /** Where it was configured. */
  readonly file: string;
  readonly line?: number;
}

/** Whether a kind of permission is granted at all: `false` and an empty list grant nothing. */
export function isGranted(grant: unknown): boolean {
  return Array.isArray(grant) ? grant.length > 0 : grant === true;
}

/** `[modules]` of `config.toml`: where plugin modules may come from, and how much. */
export interface ModuleSettings {
  /** Hosts with an optional port; `https:` only. */
  readonly allow: readonly string[];
  /** Base address of the registry behind `jsr:`, ending with `/`. */
  readonly jsr: string;
  /** Base address of the ESM CDN behind `npm:`, ending with `/`. */
  readonly npm: string;
  /** Bytes of one module; default 10 MiB. */
  readonly maxBytes: number;
  /** Modules of one plugin; default 256. */
  readonly maxModules: number;
  /** Time for fetching one plugin, in milliseconds; default 60 s. */
  readonly timeoutMs: number;
}

/** The hosts that Deno's own `--allow-import` allows, and the default limits. */
export const defaultModuleSettings: ModuleSettings = {
  allow: [
    "deno.land:443",
    "jsr.io:443",
    "esm.sh:443",
    "raw.esm.sh:443",
    "cdn.jsdelivr.net:443",
    "raw.githubusercontent.com:443",
    "gist.githubusercontent.com:443",
  ],
  jsr: "https://jsr.io/",
  npm: "https://esm.sh/",
  maxBytes: 10 * 1024 * 1024,
  maxModules: 256,
  timeoutMs: 60_000,
};

/** How the loader may get modules. */
export interface ModuleMode {
  /** A module that the lock does not hold is an error (`--frozen`, or `CI` is set). */
  readonly frozen: boolean;
  /** Nothing is fetched (`--cached-only`). */
  readonly cachedOnly: boolean;
  /** Everything is fetched again; what changed is still refused (`--reload`). */
  readonly reload: boolean;
}

/** One remote module as pinned by the lock. */
export interface LockedModule {
  /** Of its bytes, in hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
  /** The type it was served as, where its address does not show it. */
  readonly type?: "js" | "ts" | "json";
}

/** One plugin in `.assay/lock.json`. */
export interface LockedPlugin {
  readonly name: string;
  /** As stated by the plugin, for people who review the lock. */
  readonly version?: string;
  /** What it was granted when it was locked. */
  readonly permissions: PluginPermissions;
  /** `none`: it was allowed to run in assay's own process; absent: in a worker. */
  readonly isolation?: "none";
  /** Every remote module by its final address; local ones and `data:` are part of the project. */
  readonly modules: Readonly<Record<string, LockedModule>>;
  /** Where an address leads: redirects of servers, and what `jsr:` and `npm:` were resolved to. */
  readonly redirects: Readonly<Record<string, string>>;
  /** What it declared to provide: for people who review the lock, and for verbs that do not load it. */
  readonly provides: Omit<PluginManifest, "name" | "version">;
  /** `<transform>:<SHA-256 of the build record>`; absent when a local module is part of the graph. */
  readonly built?: string;
  /** SHA-256 of what it declared to provide; absent when a local module is part of the graph. */
  readonly manifest?: string;
}

/** What a plugin provides, as declared when it was first loaded. Plain data, checked. */
export interface PluginManifest {
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  /** What it asks for. */
  readonly permissions?: PluginPermissions;
  readonly extensions: readonly {
    readonly name: string;
    readonly configKey: string;
    /** Which of the optional functions it has. */
    readonly validates: boolean;
    readonly stores: boolean;
  }[];
  readonly engines: readonly {
    readonly name: string;
    readonly capabilities: readonly Capability[];
    readonly priority?: number;
    readonly probes: boolean;
    readonly collects: boolean;
  }[];
  readonly annotators: readonly {
    readonly name: string;
    readonly description?: string;
    readonly eager: boolean;
  }[];
  readonly parsers: readonly Pick<ReportParser, "format" | "description" | "holds">[];
  readonly runners: readonly Runner[];
}
