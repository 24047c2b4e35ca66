/** Loads all configuration of a project in three steps: the files are read, checked, and resolved into one project. */

import { UserError, UserErrors } from "../errors.ts";
import type { Io } from "../io.ts";
import { extensionErrors } from "./_check_extensions.ts";
import { formatErrors, idErrors, knownOf, overrideErrors } from "./_check_names.ts";
import { closeNamed, sandboxErrors } from "./_check_sandboxes.ts";
import { inOrder } from "./_document.ts";
import { only, readFiles, readListed } from "./_read_files.ts";
import { resolveCommands } from "./_resolve_commands.ts";
import { resolveProject } from "./_resolve_project.ts";
import { resolveModuleRunners, resolvePluginFile } from "./_resolve_runners.ts";
import { resolveOverrides, resolveSettings, type Settings } from "./_resolve_settings.ts";
import type { Contribution, LoadOptions, Project } from "./types.ts";

/**
 * Loads, checks and merges the configuration under `root`, an absolute real path. Without any configuration,
 * the project has the built-in runners.
 *
 * @throws {UserErrors} with everything that is wrong in any file, each with file, line and key; only with errors in
 * `config.toml` or the module plugins if those cannot be loaded.
 */
export async function loadProject(io: Io, root: string, options: LoadOptions): Promise<Project> {
  const errors: UserError[] = [];

  // Read: the existing files, the settings, and the files and module plugins that these name.
  const documents = await readFiles(io, root, errors);
  const documentOf = (file = "") => documents.get(file);
  const config = documentOf(
    only(documents, [".assay/config.toml", ".assay/config.json"], errors),
  );
  const settings = resolveSettings(config, errors);
  const later: UserError[] = [];
  const { plugins: named = [] } = settings.config;
  const listed = await readListed(io, root, named, config, documents, later);
  const read = () => [...documents.values()].filter((each) => each !== undefined);
  await closeNamed(io, root, read());
  const contribution = await loadModules(settings, options, errors);
  errors.push(...later);

  // Check: each file against its schema, then across files.
  const known = knownOf(options, contribution, read());
  const overrides = resolveOverrides(config, known.extensionKeys, errors);
  const pluginFiles = [
    only(documents, [".assay/plugins.json", ".assay/plugins.toml"], errors),
    ...listed,
    ".codeloop/plugins.json",
  ];
  const plugins = pluginFiles.flatMap((file) => documentOf(file) ?? [])
    .map((document) => resolvePluginFile(document, known.extensionKeys, errors));
  const brought = contribution?.runners ?? [];
  const modules = resolveModuleRunners(brought, known.extensionKeys, errors);
  const commandsFile = documentOf(
    only(documents, [".assay/commands.toml", ".assay/commands.json"], errors) ??
      ".bird/commands.toml",
  );
  const commands = commandsFile ? resolveCommands(commandsFile, known, errors) : [];
  const ofFiles = plugins.flatMap(({ defined }) => defined);
  const defined = [...ofFiles, ...modules.flatMap(({ defined }) => defined), ...commands];
  errors.push(
    ...formatErrors(defined, known),
    ...idErrors(ofFiles),
    ...modules.flatMap(({ defined }) => idErrors(defined)),
  );
  const fromModules = modules.map(({ document }) => document);
  await closeNamed(io, root, fromModules);
  const engines = contribution?.isOpen
    ? undefined
    : options.engines && [...options.engines, ...contribution?.engines ?? []];
  errors.push(...await sandboxErrors(io, root, [...read(), ...fromModules], engines));
  const files = [...documents.keys()];
  throwAll(errors, files);

  // Resolve: merge the files, module plugins and built-in runners, then check the resulting extension tables.
  const sources = {
    settings,
    overrides,
    plugins,
    modules,
    commands: commands.map(({ def }) => def),
    files,
  };
  const project = resolveProject(root, sources, options.builtins);
  if (!contribution?.isOpen) {
    const ids = [...project.runners, ...project.dropped].map(({ id }) => id);
    throwAll(overrideErrors(Object.keys(overrides.runners), config, ids), files);
  }
  const extensions = [options.extensions, ...contribution ? [contribution] : []];
  const all = [...project.runners, ...project.commands];
  throwAll(await extensionErrors(all, { defined, config, overrides }, extensions), files);
  return project;
}

function throwAll(errors: readonly UserError[], files: readonly string[]): void {
  if (errors.length > 0) throw new UserErrors(inOrder(errors, files));
}

/** Requests the module plugins, if any, once the settings that name them are valid. */
async function loadModules(
  { plugins, modules, extensions }: Settings,
  options: LoadOptions,
  errors: readonly UserError[],
): Promise<Contribution | undefined> {
  const [first] = plugins;
  if (!first) return undefined;
  throwAll(errors, []);
  if (options.loadModules) {
    return await options.loadModules(plugins, modules, extensions.callTimeoutMs);
  }
  const { file, line } = first;
  throw new UserError(`Cannot load the plugins of ${file}: plugin modules are not loaded here`, {
    code: "plugin_unloadable",
    ...{ file, line },
  });
}
