/**
 * The extensions that come with assay. Each is loaded when a command has its table, to keep start-up
 * fast.
 */

import type { CommandSpec, ConfigTable, Extension, Services } from "../../src/plugin.ts";

interface ExtensionModule {
  validate(config: ConfigTable): readonly string[];
  prepare(spec: CommandSpec, services: Services): CommandSpec | Promise<CommandSpec>;
}

function extension(name: string, load: () => Promise<ExtensionModule>): Extension {
  return {
    name,
    configKey: name,
    validate: async (config) => (await load()).validate(config),
    prepare: async (spec, services) => (await load()).prepare(spec, services),
  };
}

export const extensions: readonly Extension[] = [
  extension("env", () => import("./env.ts")),
  extension("platform", () => import("./platform.ts")),
];
