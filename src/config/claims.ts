/** What only one plugin may claim: names, keys, formats, runner ids. */

import { UserError, UserErrors } from "../errors.ts";
import type { PluginManifest, PluginSetting } from "../plugin_setting.ts";
import { runnerFields } from "./_check_names.ts";

/** The parts of a plugin that can collide with another's. Every manifest is one. */
export interface Claims {
  readonly name: string;
  readonly extensions: readonly { readonly name: string; readonly configKey: string }[];
  readonly engines: readonly { readonly name: string }[];
  readonly annotators: readonly { readonly name: string }[];
  readonly parsers: readonly { readonly format: string }[];
  readonly runners: readonly { readonly id: string }[];
}

export interface ClaimingModule {
  readonly setting: PluginSetting;
  readonly manifest: PluginManifest;
}

/** What `result_format` means without a parser. */
const reservedFormats = ["exit-code", "auto"];

/** A plugin, and its name in messages. */
interface Claimant {
  readonly claims: Claims;
  readonly setting?: PluginSetting;
}

/**
 * Rejects plugins that claim the same thing. A runner may replace a built-in one with its id, as one of
 * the project may.
 *
 * @param builtin What assay's own plugins claim.
 * @throws {UserErrors} with every collision, each with both plugins and what to do.
 */
export function checkClaims(builtin: Claims, modules: readonly ClaimingModule[]): void {
  const all: readonly Claimant[] = [
    { claims: { ...builtin, runners: [] } },
    ...modules.map(({ setting, manifest }) => ({ claims: manifest, setting })),
  ];
  const errors = [
    ...modules.flatMap((module) => reservedClaims(module)),
    ...Object.entries(claimed).flatMap(([what, names]) => collisions(all, what, names)),
  ];
  if (errors.length > 0) throw new UserErrors(errors);
}

/** Names of what only one plugin may have, as used in messages. */
const claimed: Readonly<Record<string, (claims: Claims) => readonly string[]>> = {
  "has the name": ({ name }) => [name],
  "has an extension named": ({ extensions }) => extensions.map(({ name }) => name),
  "has an extension for the key": ({ extensions }) => extensions.map(({ configKey }) => configKey),
  "has an engine named": ({ engines }) => engines.map(({ name }) => name),
  "has an annotator named": ({ annotators }) => annotators.map(({ name }) => name),
  "has a parser for the format": ({ parsers }) => parsers.map(({ format }) => format),
  "has a runner with the id": ({ runners }) => runners.map(({ id }) => id),
};

/** Everything that a plugin claims after another did, or twice. `what` precedes the thing in the message. */
function collisions(
  all: readonly Claimant[],
  what: string,
  namesOf: (claims: Claims) => readonly string[],
): UserError[] {
  const owners = new Map<string, Claimant>();
  const errors: UserError[] = [];
  for (const claimant of all) {
    for (const thing of namesOf(claimant.claims)) {
      const owner = owners.get(thing);
      owners.set(thing, owner ?? claimant);
      if (owner) errors.push(collision(claimant, owner, `${what} "${thing}"`));
    }
  }
  return errors;
}

function collision(second: Claimant, first: Claimant, what: string): UserError {
  const url = second.setting?.url ?? "";
  if (first === second) {
    return claimError(
      second,
      `it ${what} twice`,
      "report it to its author, or use another version",
    );
  }
  const why = `it ${what}, and so does ${named(first)}`;
  const hint = first.setting
    ? `keep one of them: assay plugin remove ${first.setting.url}, or assay plugin remove ${url}`
    : `remove it: assay plugin remove ${url}`;
  return claimError(second, why, hint);
}

function reservedClaims({ setting, manifest }: ClaimingModule): UserError[] {
  const hint = `tell its author, and remove it: assay plugin remove ${setting.url}`;
  const fields = manifest.extensions.filter(({ configKey }) => runnerFields.has(configKey));
  const formats = manifest.parsers.filter(({ format }) => reservedFormats.includes(format));
  const why = [
    ...fields.map(({ name, configKey }) =>
      `its extension "${name}" claims the key "${configKey}", which is a field of every runner or command`
    ),
    ...formats.map(({ format }) => `it has a parser for the format "${format}", which is built in`),
  ];
  return why.map((each) => claimError({ claims: manifest, setting }, each, hint));
}

function claimError(claimant: Claimant, why: string, hint: string): UserError {
  const { file, line } = claimant.setting ?? {};
  const at = line === undefined ? "" : ` (${file}, line ${line})`;
  return new UserError(`Cannot use ${named(claimant)}: ${why}${at}`, {
    code: "plugin_claim",
    ...{ hint, file, line },
  });
}

function named({ claims, setting }: Claimant): string {
  return setting ? `the plugin "${claims.name}" (${setting.url})` : "assay itself";
}
