/** The sandboxes that are tried, and the sets of engines that are to hold them. */

import { limits } from "./_world.ts";

/** A sandbox: keys and their values in TOML, the folder of the run's files as `BASE`. */
export interface Profile {
  readonly name: string;
  readonly keys: Readonly<Record<string, string>>;
  /** What is tried is this limit. */
  readonly limit?: string;
}

const quoted = (...paths: string[]) =>
  `[${paths.map((path) => JSON.stringify(`BASE/${path}`)).join(", ")}]`;

const none = { network: '"none"' };
const hidden = { paths_hidden: quoted("hidden", "hidden_file", "project/secrets/inner") };
const reopened = {
  ...hidden,
  paths_readable: quoted("hidden/open"),
  tmpfs: quoted("scratch"),
};
const scoped = { filesystem: '"scoped_write"', paths_writable: quoted("writable") };
const sealed = { ...none, filesystem: '"readonly"', processes: '"isolated"', ...reopened };

/** Each guarantee alone, some together, all together. */
const confining: readonly Profile[] = [
  { name: "network", keys: none },
  { name: "localhost", keys: { network: '"localhost"' } },
  { name: "readonly", keys: { filesystem: '"readonly"' } },
  { name: "workspace", keys: { filesystem: '"workspace_only"', ...hidden } },
  { name: "scoped", keys: scoped },
  { name: "hidden", keys: reopened },
  { name: "processes", keys: { processes: '"isolated"' } },
  { name: "build", keys: { ...none, filesystem: '"workspace_only"', processes: '"isolated"' } },
  { name: "sealed", keys: sealed },
];

const limiting: readonly Profile[] = [
  { name: "pids", keys: { pids: String(limits.pids) }, limit: "pids" },
  { name: "memory", keys: { memory: `"${limits.memory / 1024 / 1024}m"` }, limit: "memory" },
  { name: "cpu", keys: { cpu: `"${limits.cpu}s"` }, limit: "cpu" },
];

/** Everything at once, for engines that work together. */
const together: readonly Profile[] = [
  ...limiting,
  { name: "sealed", keys: sealed },
  { name: "build", keys: { filesystem: '"workspace_only"' } },
  { name: "scoped", keys: { ...scoped, network: '"localhost"' } },
].map((profile) => ({ ...profile, keys: { ...allLimits(), ...sealed, ...profile.keys } }));

function allLimits(): Record<string, string> {
  return Object.assign({}, ...limiting.map(({ keys }) => keys));
}

/** Engines that are allowed, and what they are tried with. */
export interface EngineSet {
  readonly engines: readonly string[];
  readonly profiles: readonly Profile[];
}

const set = (...engines: string[]): EngineSet => ({
  engines,
  profiles: engines.length === 1 ? [...confining, ...limiting] : together,
});

/** Tried as root and as an ordinary user. */
export const plainSets = [
  set("bwrap"),
  set("landlock"),
  set("prlimit"),
  set("bwrap", "prlimit"),
  set("landlock", "prlimit"),
];

/** Tried as root next to a systemd. */
export const systemdSets = [
  set("systemd"),
  set("systemd", "bwrap"),
  set("systemd", "landlock"),
];

/** The name of a set, such as `bwrap + prlimit`. */
export function nameOf({ engines }: Pick<EngineSet, "engines">): string {
  return engines.join(" + ");
}

/** The table of a profile in TOML. What no engine of the set gives is left open, and reported. */
export function tableOf(
  { keys }: Profile,
  engines: readonly string[],
  base: string,
): string {
  const all = { ...keys, engines: JSON.stringify(engines), on_uncovered: '"warn"' };
  const text = Object.entries(all).map(([key, value]) => `${key} = ${value}`).join(", ");
  return `{ ${text.replaceAll("BASE", base)} }`;
}

/** What a profile declares, as the record says it for values that are one word. */
export function declaredBy({ keys }: Profile): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).map(([key, value]) => [key, value.replaceAll('"', "")]),
  );
}
