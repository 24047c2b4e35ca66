/** One call of a plugin's code: what it may use, how long it may take, and how it ended. */

import { resolve } from "@std/path";
import { messageOf, PluginError } from "../errors.ts";
import { type Io, isNotFound, textOf } from "../io.ts";
import { helperArgv, programAt, programEnvironment, programOf } from "../process/programs.ts";
import type { Probe, ProgramResult, SandboxEngine, Services } from "../plugin.ts";
import { openProbeCache, probeOf } from "../sandbox/probe.ts";
import { durationText } from "../text/words.ts";
import type { LoadedPlugin } from "./plugins.ts";
import type { AttemptContext, CallHost, Probes } from "./types.ts";

/** Larger files are not read for plugins. */
const maxTextBytes = 16 * 1024 * 1024;

/** Characters kept of each stream of a program that a plugin runs. */
const maxOutput = 1024 * 1024;

/** Characters kept of an error's message. */
const maxMessage = 2_000;

/**
 * Calls a plugin. `what` names the call for people, such as `extension "timestamp", prepare`.
 *
 * @throws {PluginError} when it throws or it times out. A plugin in assay's own process that never
 * gives up control cannot be stopped; one in a worker is ended with its worker.
 */
export async function callPlugin<T>(
  owner: LoadedPlugin,
  what: string,
  host: CallHost,
  call: (services: Services) => T | Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const inTime = new AbortController();
  const end = (why: string): never => {
    const error = new PluginError(`${what}: ${why}`);
    stop.abort(error);
    throw error;
  };
  const late = host.io.sleep(host.timeoutMs, inTime.signal)
    .then(() => end(`no answer within ${durationText(host.timeoutMs)}`));
  const givenUp = aborted(host.signal, inTime.signal).then(end);
  // When the call is faster, nothing waits for the rejections any more.
  for (const each of [late, givenUp]) each.catch(() => {});
  try {
    const called = (async () => await call(servicesOf(owner, host, stop.signal)))();
    return await Promise.race([called, late, givenUp]);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    const message = messageOf(error).replaceAll(`${host.root}/`, "").slice(0, maxMessage);
    throw new PluginError(`${what}: ${message}`, { cause: error });
  } finally {
    // With a reason: without one an error with its stack is made, each time.
    inTime.abort(what);
  }
}

/** Resolves with the reason when `signal` aborts; listens no longer than until `until` does. */
function aborted(signal: AbortSignal | undefined, until: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const tell = () => resolve(String(signal!.reason));
    if (signal?.aborted) return tell();
    signal?.addEventListener("abort", tell, { once: true, signal: until });
  });
}

/** What assay lends plugins in its own process. Plugins in workers have their own, see `modules/worker`. */
function servicesOf(owner: LoadedPlugin, host: CallHost, signal: AbortSignal): Services {
  const { io, root, warn } = host;
  return {
    options: owner.options,
    root,
    signal,
    readText: (path) => readInside(io, root, path),
    run: (argv, options = {}) => runProgram(io, root, signal, argv, options),
    program: (name) => programFor(io, name),
    env: (name) => io.env(name),
    warn,
  };
}

async function readInside(io: Io, root: string, path: string): Promise<string | undefined> {
  try {
    const real = await io.fs.realPath(resolve(root, path));
    if (!real.startsWith(`${root}/`)) return undefined;
    const info = await io.fs.stat(real);
    if (!info?.isFile) return undefined;
    if (info.size > maxTextBytes) throw new Error(`${path} is larger than 16 MiB`);
    return await io.fs.readText(real);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** By its name, or one of a plugin's own places by its path. */
export async function programFor(io: Io, name: string): Promise<string> {
  if (!name.includes("/")) return await programOf(io, name);
  const path = await programAt(io, name);
  if (path === undefined) {
    throw new Error(`no program ${name} outside the folders that commands may write`);
  }
  return path;
}

async function runProgram(
  io: Io,
  root: string,
  signal: AbortSignal,
  argv: readonly string[],
  { cwd = root, env = {} }: NonNullable<Parameters<Services["run"]>[1]>,
): Promise<ProgramResult> {
  const [program = "", ...args] = argv;
  const path = program.includes("/") ? program : await programOf(io, program);
  const own = await programEnvironment(io);
  const { PATH = own.PATH, ...others } = env;
  const environment = { ...own, ...others, PATH: PATH === io.env("PATH") ? own.PATH : PATH };
  signal.throwIfAborted();
  const child = io.spawn([...await helperArgv(io, path), ...args], {
    cwd,
    env: environment,
    group: true,
  });
  const kill = () => io.kill(-child.pid, "SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const [stdout, stderr, status] = await Promise.all([
      textOf(child.stdout),
      textOf(child.stderr),
      child.status,
    ]);
    return {
      exitCode: status.signal === null ? status.code : null,
      stdout: stdout.slice(0, maxOutput),
      stderr: stderr.slice(0, maxOutput),
    };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

// What the calls of plugins share in one attempt.

/** Characters kept of a sentence, and sentences kept of one attempt: a plugin may be chatty. */
const maxSentence = 1_000;
const maxSentences = 100;

/** Adds what a plugin says to `warnings`, within limits. */
export function sayTo(warnings: string[]): (message: string) => void {
  let said = 0;
  return (message) => {
    if (said++ < maxSentences) warnings.push(String(message).slice(0, maxSentence));
    else if (said === maxSentences + 2) warnings.push("more messages of plugins were not kept");
  };
}

/** The host of an attempt's calls; `signal` aborts them when the run is stopped. */
export function hostOf(
  { io, project }: Pick<AttemptContext, "io" | "project">,
  say: (message: string) => void,
  signal?: AbortSignal,
): CallHost {
  return {
    io,
    root: project.root,
    timeoutMs: project.extensions.callTimeoutMs,
    warn: say,
    signal,
  };
}

/** The same host for one part of a plugin, whose sentences then begin with its name. */
export function hostFor(host: CallHost, part: string): CallHost {
  return { ...host, warn: (message) => host.warn(`${part}: ${message}`) };
}

// What engines say about this machine, asked once in a run and remembered between runs.

/** @param fresh asks every engine in any case, and remembers what it says */
export function probesOf(
  io: Io,
  assayVersion: string,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Probes {
  const cache = openProbeCache(io, assayVersion);
  const machine = { os: io.os, arch: io.arch, self: io.self };
  const asked = new Map<SandboxEngine, Promise<Probe>>();
  return {
    machine,
    of(engine, host) {
      const { owner, value } = engine;
      const part = `engine "${value.name}"`;
      const ask = value.probe && (() =>
        callPlugin(
          owner,
          `${part}, probe`,
          hostFor(host, part),
          (services) => value.probe!({ ...services, ...machine }),
        ));
      const { source, digest, plugin: { version } } = owner;
      const identity = { name: value.name, source, version, digest, ask };
      const answer = asked.get(value) ?? probeOf(identity, cache, { fresh });
      asked.set(value, answer);
      return answer;
    },
  };
}
