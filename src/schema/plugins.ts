/** Output about module plugins and what they provide. Optional keys are absent; `null` means that there is none. */

import * as v from "valibot";
import {
  about,
  count,
  flag,
  kind,
  type Of,
  path,
  position,
  statedKind,
  text,
  texts,
} from "./parts.ts";

const permission = v.exactOptional(v.union([flag, texts]));

/** What a plugin is granted or asks for, by Deno's names; anything left out is not included. */
export type PermissionRecord = Of<typeof permissions>;
const permissions = v.strictObject({
  read: permission,
  write: permission,
  net: permission,
  env: permission,
  run: permission,
  sys: permission,
  ffi: permission,
});

const isolation = v.picklist(["worker", "none"]);
const root = text;
const written = about(v.array(path), "files written, relative to the root");

/** A module plugin. */
export interface ModulePluginRecord extends Of<typeof modulePlugin> {}
const modulePlugin = v.strictObject({
  name: about(text, "its address where its name is not known"),
  version: v.nullable(text),
  description: v.nullable(text),
  url: about(text, "as configured"),
  isolation,
  state: about(
    v.picklist(["loaded", "trusted", "not_trusted", "trust_not_needed"]),
    "loaded, or whether a verb that loads would: the rest is then what the lock recorded",
  ),
  // By name; for a parser its format, for a runner its id. `null`: it was never loaded.
  provides: v.nullable(v.strictObject({
    extensions: v.array(v.strictObject({ name: text, key: about(text, "of their table") })),
    engines: texts,
    annotators: v.array(v.strictObject({ name: text, eager: flag })),
    parsers: texts,
    runners: texts,
  })),
  modules: about(
    v.nullable(v.strictObject({
      count,
      bytes: count,
      hosts: about(texts, "where they came from; empty when all are files of the project"),
    })),
    "null: it was not loaded, and no lock says",
  ),
  permissions: v.strictObject({
    asked: permissions,
    granted: permissions,
    missing: about(permissions, "what it asks for and is not granted"),
  }),
});

const dialect = v.picklist(["runners", "plugins", "commands"]);

/** Where a runner or command is defined. */
export const origin = {
  plugin: text,
  file: path,
  line: v.nullable(position),
  dialect: about(dialect, "the dialect it was written in"),
};

/** One runner of `assay plugin list`. */
export interface RunnerListing extends Of<typeof runnerListing> {}
const runnerListing = v.strictObject({
  name: text,
  kind,
  detected: flag,
  why: about(text, "the evidence"),
  enabled: flag,
  required: flag,
  command: text,
  result_format: text,
  ...origin,
});

/** `assay plugin list --json`, and of `assay plugin check`. */
export interface PluginOutput extends Of<typeof pluginList> {}
export const pluginList = v.strictObject({
  root,
  modules: v.array(modulePlugin),
  plugins: v.array(v.strictObject({
    name: text,
    version: v.exactOptional(text),
    file: path,
    dialect: v.picklist(["runners", "plugins", "built-in"]),
    runners: about(texts, "names"),
  })),
  runners: v.array(runnerListing),
  commands: v.array(v.strictObject({
    name: text,
    kind: statedKind,
    description: v.nullable(text),
    command: text,
    file: path,
  })),
  dropped: about(
    v.array(v.strictObject({ name: text, file: path, why: text })),
    "definitions that were replaced or switched off",
  ),
});

/** `assay plugin add --json`. */
export interface PluginAddOutput extends Of<typeof pluginAdd> {}
export const pluginAdd = v.strictObject({
  root,
  plugin: modulePlugin,
  grant: about(v.nullable(text), "the command that grants all it asks for; null: it is granted"),
  files: written,
});

/** `assay plugin remove --json`. */
export interface PluginRemoveOutput extends Of<typeof pluginRemove> {}
export const pluginRemove = v.strictObject({
  root,
  url: text,
  name: about(v.nullable(text), "as the lock knew it"),
  files: written,
  problems: about(texts, "what is wrong with the configuration without it"),
});

/** One module of {@linkcode PluginUpdate}; `null`: it does not exist. */
export type ModuleVersion = NonNullable<Of<typeof moduleVersion>>;
const moduleVersion = v.nullable(v.strictObject({ sha256: text, bytes: count }));

/** What `assay plugin update` found about one plugin. */
export interface PluginUpdate extends Of<typeof update> {}
const update = v.strictObject({
  plugin: modulePlugin,
  changed: about(flag, "whether anything below says something"),
  name_before: about(v.nullable(text), "null: the same, or not locked before"),
  version_before: about(v.nullable(text), "null: the same, none, or not locked before"),
  modules: about(
    v.array(v.strictObject({ url: text, before: moduleVersion, after: moduleVersion })),
    "those that are not what they were",
  ),
  redirects: about(
    v.array(v.strictObject({ url: text, before: v.nullable(text), after: v.nullable(text) })),
    "addresses that lead elsewhere now",
  ),
  isolation_before: about(v.nullable(isolation), "null: the same"),
  granted_before: about(v.nullable(permissions), "null: the same"),
  provides_now: about(texts, "lines such as: extension greeting"),
  provides_no_more: texts,
});

/** `assay plugin update --json`. */
export interface PluginUpdateOutput extends Of<typeof pluginUpdate> {}
export const pluginUpdate = v.strictObject({ root, plugins: v.array(update), files: written });

const hashed = v.array(v.strictObject({ url: text, sha256: text }));

/** `assay trust --json`. */
export interface TrustOutput extends Of<typeof trust> {}
export const trust = v.strictObject({
  root,
  file: about(text, "where it is remembered"),
  state: about(
    v.picklist(["trusted", "not_trusted", "not_needed"]),
    "not_needed: no plugin is granted anything or runs outside of a worker",
  ),
  changes: about(texts, "what is other than what was trusted; empty where nothing was"),
  digest: about(text, "SHA-256 of all that is trusted, for --trust and ASSAY_TRUST"),
  plugins: v.array(v.strictObject({
    url: about(text, "as configured"),
    isolation,
    permissions,
    files: about(hashed, "of this machine that it is made of, by their path below the root"),
    pinned: about(v.nullable(hashed), "by the lock; null: it is not in the lock yet"),
    problem: about(v.nullable(text), "why its files cannot be read: nothing here can be trusted"),
  })),
});
