/** Shared by the engines' tests: a host whose programs really run, and a command run as assay would. */

import type {
  CommandSpec,
  ConfigTable,
  EngineHost,
  ExecutionResult,
  OutputHandle,
  SandboxEngine,
  SandboxSpec,
  WrapContext,
} from "../../src/plugin.ts";
import { programFor } from "../../src/run/call.ts";
import { realIo } from "../../src/real_io.ts";
import { run, textOf, withFolder } from "../../tests/support.ts";
import { programNames as ofSystemd } from "./_systemd_scope.ts";
import { programNames as ofPrlimit } from "./prlimit.ts";

/** A host whose programs run behind `prefix`, for example to run as an ordinary user. */
export function engineHost(
  prefix: readonly string[] = [],
  said: string[] = [],
): EngineHost {
  const io = realIo();
  return {
    options: {},
    root: "/",
    signal: new AbortController().signal,
    readText: (path) => Deno.readTextFile(path).catch(() => undefined),
    async run(argv, { cwd = "/", env = {} } = {}) {
      const all = { cwd, env: { ...Deno.env.toObject(), ...env } };
      const { code, signal, stdout, stderr } = await run([...prefix, ...argv], all);
      const exitCode = signal === null ? code : null;
      return { exitCode, stdout: textOf(stdout), stderr: textOf(stderr) };
    },
    program: (name) => programFor(io, name),
    env: (name) => Deno.env.get(name),
    warn: (message) => void said.push(message),
    os: Deno.build.os,
    arch: Deno.build.arch,
    self: [Deno.execPath()],
  };
}

/** The result of a command under an engine. */
export interface Held extends Pick<ExecutionResult, "exitCode" | "signal" | "metrics" | "denials"> {
  readonly stdout: string;
  readonly stderr: string;
  /** Messages of the engine's collector. */
  readonly said: readonly string[];
  /** Until the command had ended, in milliseconds. */
  readonly durationMs: number;
}

/** How to run a command under an engine. */
export interface HeldOptions {
  readonly prefix?: readonly string[];
  readonly facts?: ConfigTable;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const noOutput: OutputHandle = {
  bytes: 0,
  truncated: false,
  readText: () => Promise.resolve(""),
};

/** The result of a probe that tried every program. */
async function programsHere({ program }: EngineHost): Promise<Record<string, string>> {
  const names = new Set([...ofPrlimit, ...ofSystemd]);
  const found = [...names].map(async (name) => [name, await program(name).catch(() => "")]);
  return Object.fromEntries(await Promise.all(found));
}

/** Runs a shell line under one engine, followed by its collector. */
export function runHeld(
  engine: SandboxEngine,
  spec: SandboxSpec,
  line: string,
  { prefix = [], facts = {}, env = {} }: HeldOptions = {},
): Promise<Held> {
  return withFolder(async (folder) => {
    // Readable for ordinary users too.
    await Deno.chmod(folder, 0o755);
    const said: string[] = [];
    const host = engineHost(prefix, said);
    const environment = { ...Deno.env.toObject(), ...env };
    const filesDir = `${folder}/files`;
    await Deno.mkdir(filesDir);
    const attemptId = crypto.randomUUID();
    const context: WrapContext = {
      ...host,
      attemptId,
      commandName: "it",
      workspace: folder,
      cwd: folder,
      liveDir: folder,
      tmpDir: folder,
      protectedPaths: [],
      filesDir,
      environment,
      descriptorsClosed: false,
      facts: { programs: await programsHere(host), ...facts },
    };
    const wrapped = await engine.wrap(["sh", "-c", line], spec, context);
    const { argv, files = {} } = "argv" in wrapped ? wrapped : { argv: wrapped };
    for (const [name, bytes] of Object.entries(files)) {
      await Deno.writeFile(`${filesDir}/${name}`, bytes);
    }
    const start = performance.now();
    const { code, signal, stdout, stderr } = await run([...prefix, ...argv], {
      cwd: folder,
      env: environment,
    });
    const result: ExecutionResult = {
      exitCode: signal === null ? code : null,
      signal,
      stdout: noOutput,
      stderr: noOutput,
      startedAt: "",
      completedAt: "",
      durationMs: performance.now() - start,
      timedOut: false,
      cancelled: false,
      truncated: false,
      pid: 1,
      metrics: {},
      artifacts: {},
      denials: [],
    };
    const collector = await engine.collector?.(spec, context);
    await collector?.collect({} as CommandSpec, result, host);
    return { ...result, stdout: textOf(stdout), stderr: textOf(stderr), said };
  });
}
