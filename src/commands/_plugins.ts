/** The plugins that come with assay, as configuration and pipeline want them. */

import type { ExtensionKeys, Project } from "../config/types.ts";
import { type LoadedPlugin, type Plugins, pluginsOf } from "../pipeline/mod.ts";
import { callPlugin } from "../pipeline/call.ts";
import type { Call } from "./types.ts";

/** A table that takes longer to check than this is not checked, in milliseconds. */
const validateMs = 10_000;

function builtinPlugin({ builtins }: Call): LoadedPlugin {
  const { version, extensions, parsers } = builtins;
  return {
    plugin: { name: "assay", version, extensions, parsers },
    options: {},
    source: "built-in",
  };
}

/** Every plugin of a run, in the project's order. */
export function pluginsFor(call: Call, { extensions }: Project): Plugins {
  return pluginsOf([builtinPlugin(call)], extensions.order);
}

/** The tables that the built-in extensions take. */
export function builtinExtensions(call: Call, root: string): ExtensionKeys {
  const { io, builtins: { extensions } } = call;
  const host = { io, root, timeoutMs: validateMs, warn: () => {} };
  return {
    keys: extensions.map(({ configKey }) => configKey),
    async validate(key, table) {
      const extension = extensions.find(({ configKey }) => configKey === key);
      if (!extension?.validate) return [];
      const what = `extension "${extension.name}", validate`;
      return await callPlugin(
        builtinPlugin(call),
        what,
        host,
        (services) => extension.validate!(table, services),
      );
    },
  };
}
