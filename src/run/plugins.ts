/** The plugins of a run: what they provide, in the order of use. */

import type { CommandDef } from "../config/types.ts";
import type {
  Annotator,
  ConfigTable,
  Extension,
  Plugin,
  ReportParser,
  SandboxEngine,
} from "../plugin.ts";

/** A plugin with its configuration. */
export interface LoadedPlugin {
  readonly plugin: Plugin;
  /** Its `options`. */
  readonly options: ConfigTable;
  /** `built-in`, or the address it was loaded from. */
  readonly source: string;
  /** Identifies its content and options; absent for built-ins. */
  readonly digest?: string;
  /** Starts what its first call would have to wait for; absent for built-ins. */
  readonly warm?: () => void;
}

/** Something a plugin provides, and the plugin. */
export interface Owned<T> {
  readonly owner: LoadedPlugin;
  readonly value: T;
}

/** Everything the plugins of one run provide. Names are unique, which was checked on loading. */
export interface Plugins {
  /** The extensions a command switches on, in the order of `[extensions] order`, the rest by name. */
  extensionsOf(def: CommandDef): readonly Owned<Extension>[];
  /** The keys of all extensions' tables. */
  readonly extensionKeys: ReadonlySet<string>;
  readonly engines: readonly Owned<SandboxEngine>[];
  readonly annotators: readonly Owned<Annotator>[];
  parser(format: string): ReportParser;
  /** Starts the workers that these commands will call, all at once. */
  warm(defs: readonly CommandDef[]): void;
}

/** Puts loaded plugins together. */
export function pluginsOf(loaded: readonly LoadedPlugin[], order: readonly string[]): Plugins {
  const all = <T>(pick: (plugin: Plugin) => readonly T[] | undefined): Owned<T>[] =>
    loaded.flatMap((owner) => (pick(owner.plugin) ?? []).map((value) => ({ owner, value })));
  const rank = ({ value }: Owned<Extension>) => {
    const place = order.indexOf(value.name);
    return place < 0 ? order.length : place;
  };
  const extensions = all(({ extensions }) => extensions).sort((a, b) =>
    rank(a) - rank(b) || (a.value.name < b.value.name ? -1 : 1)
  );
  const parsers = all(({ parsers }) => parsers);
  const extensionsOf = ({ extensionData }: CommandDef) =>
    extensions.filter(({ value }) => Object.hasOwn(extensionData, value.configKey));
  return {
    extensionsOf,
    warm(defs) {
      const owners = defs.flatMap((def) => extensionsOf(def).map(({ owner }) => owner));
      for (const owner of new Set(owners)) owner.warm?.();
    },
    extensionKeys: new Set(extensions.map(({ value }) => value.configKey)),
    engines: all(({ engines }) => engines),
    annotators: all(({ annotators }) => annotators),
    parser(format) {
      const found = parsers.find(({ value }) => value.format === format);
      if (!found) throw new Error(`no parser for format "${format}"`);
      return found.value;
    },
  };
}
