/** Whether an engine works on this machine: probed once, remembered until the next boot. */

import { messageOf } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Probe } from "../plugin.ts";
import { printed, programEnvironment, programOf } from "../process/programs.ts";
import { dirname, join } from "@std/path";
import { isTable } from "../text/values.ts";
import script from "./machine.sh" with { type: "text" };
import { dimensionNamed } from "./spec.ts";

/** An engine to be probed. */
export interface ProbedEngine extends ProbeIdentity {
  /** Calls its probe with a timeout. Absent when the engine has no probe. */
  readonly ask?: (() => Promise<Probe>) | undefined;
}

/**
 * Whether an engine works. Never rejects: a probe that throws or does not answer proves nothing, and an engine
 * without proof counts as not working.
 *
 * @param fresh always probes; the answer is remembered all the same
 */
export async function probeOf(
  engine: ProbedEngine,
  cache: ProbeCache,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<Probe> {
  const { ask } = engine;
  if (!ask) return { works: false, detail: "it has no probe, so nothing proves that it works" };
  const known = fresh ? undefined : await cache.recall(engine);
  if (known) return known;
  try {
    const probe = await ask();
    await cache.remember(engine, probe);
    return probe;
  } catch (error) {
    // Not remembered: a run that was stopped, or a machine under load, says nothing about the engine.
    return { works: false, detail: `its probe failed: ${messageOf(error)}` };
  }
}

// What probes found, kept in `$XDG_CACHE_HOME/assay/probes.json` (else `$HOME/.cache/assay/probes.json`)
// until the next boot.
//
// A cache that is damaged, of another shape, or unreadable or unwritable does not count: engines are then
// probed each time. Its content is trusted as much as the folder's owner: anyone who can write there can
// fake a working engine, as they could by changing the program that assay starts.

/** What identifies an engine. */
export interface ProbeIdentity {
  /** Of the engine. */
  readonly name: string;
  /** Of the plugin: `built-in`, or its address. */
  readonly source: string;
  /** Of the plugin. */
  readonly version?: string | undefined;
  /**
   * Identifies the plugin's content and its options. Without it the answers of an engine that is
   * not built in are not kept: the same address may hold something else the next time.
   */
  readonly digest?: string | undefined;
}

/** Remembers probes. Its methods never reject. */
export interface ProbeCache {
  /** What the engine's probe said on this machine, for as long as that holds. */
  recall(engine: ProbeIdentity): Promise<Probe | undefined>;
  remember(engine: ProbeIdentity, probe: Probe): Promise<void>;
}

/** How long a failed probe holds, in milliseconds: somebody may be fixing the engine. */
const failureMs = 60_000;

/** Larger files are not read. */
const maxBytes = 1024 * 1024;

/** Entries kept, the newest: each combination of user, container and `PATH` has its own. */
const maxEntries = 200;

/** One line of the file. */
interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The machine's boot, by the kernel's random boot id. */
  readonly boot: string;
  readonly probe: Probe;
}

/** Opens the cache; reads nothing until needed. */
export function openProbeCache(io: Io, assayVersion: string): ProbeCache {
  const file = cacheFile(io);
  let asked: Promise<Machine | undefined> | undefined;
  let writing = Promise.resolve();
  const placeOf = async (engine: ProbeIdentity): Promise<ProbeFile | undefined> => {
    const { name, source, version, digest } = engine;
    if (file === undefined || source !== "built-in" && digest === undefined) return undefined;
    const machine = await (asked ??= machineOf(io));
    if (!machine) return undefined;
    const path = (await programEnvironment(io)).PATH;
    const key = [machine.text, path, assayVersion, source, version ?? null, digest ?? null, name];
    return { file, boot: machine.boot, key: JSON.stringify(key) };
  };
  return {
    async recall(engine) {
      const place = await placeOf(engine);
      if (!place) return undefined;
      const entry = (await readEntries(io, place.file)).get(place.key);
      if (!entry) return undefined;
      // A clock set back must not make an answer younger: one from the future is ignored.
      const age = io.now() - entry.at;
      return age >= 0 && (entry.probe.works || age < failureMs) ? entry.probe : undefined;
    },
    async remember(engine, probe) {
      const place = await placeOf(engine);
      if (!place) return;
      // One after the other, so that no entry of this process is lost.
      writing = writing.then(() => write(io, place, probe));
      await writing;
    },
  };
}

/** Where an answer is kept, and under what. */
interface ProbeFile {
  readonly file: string;
  readonly boot: string;
  readonly key: string;
}

/** Where assay caches between runs: probes, and modules that plugins were built from. */
export function cacheFolders(io: Pick<Io, "env">): string[] {
  const file = cacheFile(io);
  return file === undefined ? [] : [dirname(file)];
}

/** A relative XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification says. */
function cacheFile(io: Pick<Io, "env">): string | undefined {
  const [xdg, home] = [io.env("XDG_CACHE_HOME"), io.env("HOME")];
  if (xdg?.startsWith("/")) return join(xdg, "assay/probes.json");
  return home?.startsWith("/") ? join(home, ".cache/assay/probes.json") : undefined;
}

async function write(io: Io, { file, boot, key }: ProbeFile, probe: Probe): Promise<void> {
  try {
    const entries = await readEntries(io, file);
    entries.delete(key);
    entries.set(key, { at: io.now(), boot, probe });
    const kept = [...entries].filter(([, entry]) => entry.boot === boot).slice(-maxEntries);
    await io.fs.mkdir(dirname(file));
    const probes = Object.fromEntries(kept);
    await io.fs.writeAtomic(file, `${JSON.stringify({ version: 1, probes }, null, 2)}\n`);
  } catch {
    // Without a cache the next run probes again.
  }
}

async function readEntries(io: Io, file: string): Promise<Map<string, Entry>> {
  try {
    const info = await io.fs.stat(file);
    if (!info?.isFile || info.size > maxBytes) return new Map();
    return entriesOf(JSON.parse(await io.fs.readText(file)));
  } catch {
    return new Map();
  }
}

/** The entries of a file; none when a single one is malformed. */
function entriesOf(content: unknown): Map<string, Entry> {
  const { version, probes } = content as { readonly version?: unknown; readonly probes?: unknown };
  const entries = new Map<string, Entry>();
  if (version !== 1 || !isTable(probes)) return entries;
  for (const [key, value] of Object.entries(probes)) {
    const { at, boot, probe } = value as Readonly<Record<keyof Entry, unknown>>;
    if (typeof at !== "number" || typeof boot !== "string" || !isProbe(probe)) return new Map();
    entries.set(key, { at, boot, probe });
  }
  return entries;
}

/** What an answer is about. */
interface Machine {
  readonly boot: string;
  /** The boot, the user, their capabilities, the confinement and the namespaces assay is in. */
  readonly text: string;
}

const machinePattern =
  /^([0-9a-f-]{36})\nUid:[^]*\nuser:\[\d+\]\nmnt:\[\d+\]\npid:\[\d+\]\nnet:\[\d+\]$/;

/** Which machine this is; `undefined` where unknown. */
async function machineOf(io: Io): Promise<Machine | undefined> {
  try {
    const [shell, readlink] = [await programOf(io, "sh"), await programOf(io, "readlink")];
    const argv = [shell, "-c", script, readlink];
    const { text, code } = await printed(io, argv, await programEnvironment(io));
    const boot = machinePattern.exec(text.trimEnd())?.[1];
    return code === 0 && boot !== undefined ? { boot, text: text.trimEnd() } : undefined;
  } catch {
    return undefined;
  }
}

function isProbe(value: unknown): value is Probe {
  if (!isTable(value)) return false;
  const { works, detail, missing = {}, facts = {} } = value;
  return typeof works === "boolean" && typeof detail === "string" && isTable(facts) &&
    isTable(missing) && Object.keys(missing).every((key) => dimensionNamed(key) !== undefined);
}
