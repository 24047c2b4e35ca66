/** `sandbox` of a runner or command: the one definition for validation, types and JSON Schema. */

import * as v from "valibot";
import { about, duration, maybe, oneOf, size, table, texts } from "./_schema.ts";

export const presetNames = [
  "readonly",
  "test",
  "build",
  "integration",
  "unrestricted",
  "none",
] as const;

const preset = oneOf(presetNames);

const sandboxTable = table({
  preset: maybe(preset, "Which preset to start from."),
  network: maybe(
    oneOf(["none", "localhost", "hosts", "unrestricted"]),
    "Which network may be reached; `hosts`: those of the key of that name.",
  ),
  hosts: maybe(texts, "Hosts that may be reached."),
  allowed_hosts: maybe(texts, "Another name of `hosts`."),
  filesystem: maybe(
    oneOf(["readonly", "workspace_only", "scoped_write", "unrestricted"]),
    "What may be written; `scoped_write`: the paths of `paths_writable`.",
  ),
  paths_writable: maybe(texts, "Paths that may be written."),
  paths_readable: maybe(texts, "Paths that may be read."),
  paths_hidden: maybe(texts, "Paths that are not there inside."),
  processes: maybe(oneOf(["isolated", "visible"]), "Whether other processes are seen."),
  pids: maybe(
    v.pipe(
      v.number("a positive whole number"),
      v.integer("a positive whole number"),
      v.minValue(1, "a positive whole number"),
    ),
    "How many processes there may be at once.",
  ),
  timeout: maybe(duration, "How long it may take."),
  cpu: maybe(duration, "How much processor time it may take."),
  memory: maybe(size, "How much memory it may take."),
  tmpfs: maybe(texts, "Paths that are empty and forgotten inside."),
  env: maybe(
    v.union(
      [oneOf(["inherit", "clean"]), texts],
      'one of "inherit" or "clean", or a list of variables',
    ),
    "Which environment variables are passed on.",
  ),
  engines: maybe(texts, "Only these engines, in this order of preference."),
  on_uncovered: maybe(
    oneOf(["warn", "fail"]),
    "What happens when nothing can enforce a dimension. Default `warn`.",
  ),
});

/** A preset's name, or a table of dimensions. */
export const sandboxSchema = v.union(
  [about(preset, "A preset."), sandboxTable],
  `a table, or ${preset.message}`,
);

/** What a user may write. */
export type Sandbox = v.InferOutput<typeof sandboxSchema>;
