/** `sandbox` of a runner or command: the one definition for validation, types and JSON Schema. */

import * as v from "valibot";
import { presetNames, presets } from "../sandbox/presets.ts";
import { hostProblem } from "./_host.ts";
import {
  about,
  count,
  duration,
  maybe,
  oneOf,
  type Problem,
  ruled,
  size,
  table,
  text,
  texts,
  without,
} from "./_schema.ts";

const preset = oneOf(presetNames);

/** More than Linux can number (PID_MAX_LIMIT of a 64-bit kernel). */
const maxPids = 4_194_304;

const variables = v.array(
  v.pipe(
    v.string("a string"),
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

const hosts = v.array(
  v.pipe(text, without(hostProblem, "a host, with a port or without")),
  "a list of strings",
);

/** How many paths a list may have: each takes several arguments of a program, whose number is limited. */
export const maxPaths = 500;

const fewPaths = v.maxLength<string[], number, string>(
  maxPaths,
  `at most ${maxPaths} paths; name the folders around them`,
);
const paths = v.pipe(texts, fewPaths);

const sandboxTable = table({
  preset: maybe(preset, "Which preset to start from."),
  network: maybe(
    oneOf(["none", "localhost", "hosts", "unrestricted"]),
    "Which network may be reached; `hosts`: those of the key of that name.",
  ),
  hosts: maybe(hosts, 'Hosts that may be reached, each with a port or without: "example.com:443".'),
  allowed_hosts: maybe(hosts, "Another name of `hosts`."),
  filesystem: maybe(
    oneOf(["readonly", "workspace_only", "scoped_write", "unrestricted"]),
    "What may be written; `scoped_write`: the paths of `paths_writable`.",
  ),
  paths_writable: maybe(
    paths,
    "Paths that may be written, with `scoped_write` alone and with `workspace_only` in addition to the " +
      "workspace. Paths are relative to the project root, absolute, or begin with `~/`.",
  ),
  paths_readable: maybe(
    paths,
    "Paths inside of `paths_hidden` or `tmpfs` that may be read all the same.",
  ),
  paths_hidden: maybe(paths, "Paths whose content is hidden."),
  processes: maybe(
    oneOf(["isolated", "visible"]),
    "Whether it sees other processes, and whether its own may outlive it.",
  ),
  pids: maybe(
    v.pipe(count, v.maxValue(maxPids, `a whole number up to ${maxPids}`)),
    "How many processes may exist at once, including threads.",
  ),
  timeout: maybe(duration, "How long it may take."),
  cpu: maybe(duration, "How much processor time it may take."),
  memory: maybe(size, "How much memory it may take."),
  tmpfs: maybe(
    v.union(
      [v.literal(true), v.pipe(v.array(absolutePath, "a list of absolute paths"), fewPaths)],
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
  engines: maybe(
    v.pipe(texts, v.minLength(1, "at least one engine; without the key all may be chosen")),
    "Only these engines, in this order of preference.",
  ),
  on_uncovered: maybe(
    oneOf(["warn", "fail"]),
    "What happens when nothing can enforce a dimension. Default `warn`.",
  ),
});

export const sandboxSchema = v.union(
  [about(preset, "A preset."), ruled(sandboxTable, sandboxProblems)],
  `a table, or ${preset.message}`,
);

export type Sandbox = v.InferOutput<typeof sandboxSchema>;

/** What a user may write other than a preset's name. */
export type SandboxTable = v.InferOutput<typeof sandboxTable>;

// Contradictions in a sandbox, as far as its table alone shows.

function sandboxProblems(table: SandboxTable): Problem[] {
  return [...networkProblems(table), ...filesystemProblems(table), ...readableProblems(table)];
}

function networkProblems(table: SandboxTable): Problem[] {
  const network = valueOf(table, "network");
  const first = (["hosts", "allowed_hosts"] as const).find((key) => table[key]?.length);
  const alone: Problem[] = first && network !== "hosts"
    ? [{
      path: [first],
      message: `it needs network = "hosts", but ${said(table, "network")}`,
      hint: `set network = "hosts", or remove ${first}`,
    }]
    : [];
  const missing: Problem[] = !first && network === "hosts"
    ? [{
      path: ["network"],
      message: '"hosts" needs at least one entry in hosts',
      hint: 'list them: hosts = ["example.com:443"]; to allow none: network = "none"',
    }]
    : [];
  return [...alone, ...missing];
}

function filesystemProblems(table: SandboxTable): Problem[] {
  const filesystem = valueOf(table, "filesystem");
  const hasPaths = (table.paths_writable ?? []).length > 0;
  if (filesystem === "scoped_write" && !hasPaths) {
    return [{
      path: ["filesystem"],
      message: '"scoped_write" needs at least one entry in paths_writable',
      hint: 'list them: paths_writable = ["out"]; to allow none: ' +
        'filesystem = "readonly"',
    }];
  }
  if (!hasPaths || filesystem === "scoped_write" || filesystem === "workspace_only") return [];
  return [{
    path: ["paths_writable"],
    message: 'it needs filesystem = "scoped_write" or "workspace_only", but ' +
      said(table, "filesystem"),
    hint: 'set filesystem = "scoped_write", or remove paths_writable',
  }];
}

/** Reading is allowed everywhere else, but a list of readable paths suggests that it is not. */
function readableProblems(table: SandboxTable): Problem[] {
  const { paths_readable: readable = [], paths_hidden: hidden = [], tmpfs = [] } = table;
  if (readable.length === 0 || hidden.length > 0 || tmpfs === true || tmpfs.length > 0) return [];
  return [{
    path: ["paths_readable"],
    message: "nothing is hidden, so everything may be read and it restricts nothing",
    hint: "list what must not be read in paths_hidden, or remove paths_readable",
  }];
}

/** The effective value: the table's, else its preset's. */
function valueOf(table: SandboxTable, key: "network" | "filesystem"): string | undefined {
  return table[key] ?? presets[table.preset ?? "none"][key];
}

/** Where the value of a key comes from: the table, its preset, or neither. */
function said(table: SandboxTable, key: "network" | "filesystem"): string {
  const own = table[key];
  if (own !== undefined) return `${key} = "${own}"`;
  const { preset } = table;
  if (preset === undefined) return `${key} is not set`;
  const value = presets[preset][key];
  return `the preset "${preset}" ${
    value === undefined ? `leaves ${key} open` : `sets ${key} = "${value}"`
  }`;
}
