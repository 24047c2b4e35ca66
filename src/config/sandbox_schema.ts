/** `sandbox` of a runner or command: the one definition for validation, types and JSON Schema. */

import * as v from "valibot";
import { presetNames } from "../sandbox/presets.ts";
import { about, duration, maybe, oneOf, size, table, text, texts } from "./_schema.ts";
import { parseSize } from "./units.ts";

export { presetNames };

const preset = oneOf(presetNames);

/** More than Linux can number (PID_MAX_LIMIT of a 64-bit kernel). */
const maxPids = 4_194_304;

const wholeNumber = "a positive whole number";

const variables = v.array(
  v.pipe(
    v.string("a text"),
    v.regex(
      // deno-lint-ignore no-control-regex -- NUL is meant
      /^[^\s=\x00*]+\*?$/,
      ({ input }) =>
        input === "*"
          ? 'the name of a variable; env = "inherit" passes all on'
          : "the name of a variable, whose last character may be a *",
    ),
  ),
  "a list of variables",
);

const absolutePath = v.pipe(
  text,
  v.check(
    (value) => /^(?:\/|~$|~\/)/.test(value),
    "an absolute path, or one that begins with ~/",
  ),
);

const sandboxTable = table({
  preset: maybe(preset, "Which preset to start from."),
  network: maybe(
    oneOf(["none", "localhost", "hosts", "unrestricted"]),
    "Which network may be reached; `hosts`: those of the key of that name.",
  ),
  hosts: maybe(texts, 'Hosts that may be reached, each with a port or without: "example.com:443".'),
  allowed_hosts: maybe(texts, "Another name of `hosts`."),
  filesystem: maybe(
    oneOf(["readonly", "workspace_only", "scoped_write", "unrestricted"]),
    "What may be written; `scoped_write`: the paths of `paths_writable`.",
  ),
  paths_writable: maybe(
    texts,
    "Paths that may be written, with `scoped_write` alone and with `workspace_only` besides the " +
      "workspace. Paths are relative to the project root, absolute, or begin with `~/`.",
  ),
  paths_readable: maybe(
    texts,
    "Paths inside of `paths_hidden` or `tmpfs` that may be read all the same.",
  ),
  paths_hidden: maybe(texts, "Paths whose content is not there inside."),
  processes: maybe(
    oneOf(["isolated", "visible"]),
    "Whether it sees other processes, and whether its own may outlive it.",
  ),
  pids: maybe(
    v.pipe(
      v.number(wholeNumber),
      v.integer(wholeNumber),
      v.minValue(1, wholeNumber),
      v.maxValue(maxPids, `a whole number up to ${maxPids}`),
    ),
    "How many processes there may be at once, threads counted.",
  ),
  timeout: maybe(duration, "How long it may take."),
  cpu: maybe(duration, "How much processor time it may take."),
  memory: maybe(
    v.pipe(
      size,
      v.check((value) => parseSize(value) !== undefined, "a size that can be counted in bytes"),
    ),
    "How much memory it may take.",
  ),
  tmpfs: maybe(
    v.union(
      [
        v.literal(true),
        v.array(absolutePath, "a list of absolute paths"),
      ],
      'a list of absolute paths, or true for ["/tmp"]',
    ),
    "Folders that are empty, writable and forgotten inside; `true` is `/tmp`.",
  ),
  env: maybe(
    v.union(
      [oneOf(["inherit", "clean"]), variables],
      'one of "inherit" or "clean", or a list of variables',
    ),
    "Which environment variables are passed on: all, those every program needs, or these and the " +
      "ones of the list, where a last `*` stands for any ending.",
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

/** What a user may write besides a preset's name. */
export type SandboxTable = v.InferOutput<typeof sandboxTable>;
