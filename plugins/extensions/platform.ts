/**
 * The extension `platform`: where and with what a command is run. Keys of its table:
 *
 * - `cwd`: a folder, relative to the project's root and inside it.
 * - `shell`: takes the shell line as its last argument; a text of words or a list. Its flag may be
 *   left out: `"bash"` is `["bash", "-c"]`, `"bash -euo pipefail"` is `["bash", "-euo", "pipefail", "-c"]`.
 * - `nice`: -20 to 19; below 0 needs the privilege for it.
 * - `wrapper`: a program with its arguments, put in front of the shell; or a list of such, outermost first.
 * - `container`: an image, or a table; see `_container.ts`.
 *
 * The container runs everything else: `docker run … IMAGE nice … WRAPPER … SHELL LINE`. Programs that
 * earlier extensions put in front of the shell stay inside.
 */

import { join } from "@std/path";
import type { Collector, CommandSpec, ConfigTable, Services } from "../../src/plugin.ts";
import { isTable } from "../../src/text/values.ts";
import {
  argvProblems,
  assaysOwn,
  insideProblems,
  isText,
  listProblems,
  textProblems,
  unknownProblems,
} from "./_problems.ts";

const keys = ["cwd", "shell", "nice", "wrapper", "container"];

export function validate(table: ConfigTable): string[] {
  const { cwd, shell, nice, wrapper, container } = table;
  return [
    ...unknownProblems("", table, keys),
    ...(cwd === undefined ? [] : insideProblems("cwd", cwd)),
    ...(shell === undefined ? [] : shellProblems(shell)),
    ...(nice === undefined ? [] : niceProblems(nice)),
    ...(wrapper === undefined ? [] : wrapperProblems(wrapper)),
    ...(container === undefined ? [] : containerProblems(container)),
  ];
}

function shellProblems(value: unknown): string[] {
  if (isText(value)) return value.trim() === "" ? ["shell must not be empty"] : [];
  return Array.isArray(value) ? argvProblems("shell", value) : ["shell must be a string or a list"];
}

function niceProblems(value: unknown): string[] {
  const level = Number.isInteger(value) ? value as number : NaN;
  return level >= -20 && level <= 19 ? [] : ["nice must be a whole number from -20 to 19"];
}

function wrapperProblems(value: unknown): string[] {
  if (!isNested(value)) return argvProblems("wrapper", value);
  return value.flatMap((each, index) => argvProblems(`wrapper[${index}]`, each));
}

function isNested(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.some(Array.isArray);
}

export async function prepare(spec: CommandSpec, services: Services): Promise<CommandSpec> {
  const table = spec.extensionData.platform ?? {};
  const problems = validate(table);
  if (problems.length > 0) throw new Error(problems.join("; "));
  const { cwd, shell, nice, wrapper = [], container } = table;
  if (cwd !== undefined) spec.cwd = join(services.root, cwd as string);
  if (shell !== undefined) spec.shell = shellOf(shell as string | readonly string[]);
  spec.wrappers = [
    ...(nice === undefined ? [] : [["nice", "-n", String(nice)]]),
    ...wrappersOf(wrapper as readonly string[] | readonly (readonly string[])[]),
    ...spec.wrappers,
  ];
  if (container === undefined) return spec;
  const { argv, collector } = await containerOf(container, spec, services);
  spec.wrappers.unshift(argv);
  spec.collectors.push(collector);
  return spec;
}

/** Flags with which a shell takes its line: `-c`, alone or at the end of others, and those of some other shells. */
const takesLine = /^-[A-Za-z]*c$|^--eval$|^-Command$/;

function shellOf(shell: string | readonly string[]): string[] {
  const words = typeof shell === "string" ? shell.trim().split(/\s+/) : [...shell];
  return words.length > 1 && takesLine.test(words.at(-1)!) ? words : [...words, "-c"];
}

function wrappersOf(wrapper: readonly string[] | readonly (readonly string[])[]): string[][] {
  if (wrapper.length === 0) return [];
  return isNested(wrapper)
    ? wrapper.map((each) => [...each as readonly string[]])
    : [[...wrapper as readonly string[]]];
}

// `container` of the extension `platform`: the command runs in its own container, created for it and
// removed with it. An image's name, or a table:
//
// - `image`.
// - `runtime`: the program to call. Default: the first of `docker` and `podman` that answers.
// - `volumes`: a list as `--volume` takes it; a host path that begins with `.` is relative to the root.
// - `network`, `user`, `workdir`: the options of the same name. Default of `workdir`: where it would run.
// - `init`: false leaves out `--init`, for an engine that has no init program.
// - `args`: a list of more options.
//
// The project is mounted at its own path. The container gets the variables that were set for the
// command and those assay sets, by name, so that no value is on a command line; the rest is the
// image's own.

const textKeys = ["image", "runtime", "network", "user", "workdir"] as const;
const listKeys = ["volumes", "args"] as const;

/** The table, after validation. */
type Container =
  & { readonly image: string; readonly init?: boolean }
  & { readonly [Key in typeof textKeys[number]]?: string }
  & { readonly [Key in typeof listKeys[number]]?: readonly string[] };

function containerProblems(value: unknown): string[] {
  if (!isTable(value)) return imageProblems("container", value);
  const { init } = value;
  return [
    ...unknownProblems("container.", value, [...textKeys, ...listKeys, "init"]),
    ...imageProblems("container.image", value.image),
    ...textKeys.slice(1).flatMap((key) =>
      value[key] === undefined ? [] : textProblems(`container.${key}`, value[key])
    ),
    ...listKeys.flatMap((key) =>
      value[key] === undefined ? [] : listProblems(`container.${key}`, value[key])
    ),
    ...(init === undefined || typeof init === "boolean"
      ? []
      : ["container.init must be true or false"]),
  ];
}

/** An image that begins with `-` would be an option. */
function imageProblems(key: string, value: unknown): string[] {
  return isText(value) && /^[^-\s]\S*$/.test(value) ? [] : [`${key} must be the name of an image`];
}

interface Wrapping {
  /** Precedes everything that runs inside. */
  readonly argv: string[];
  readonly collector: Collector;
}

async function containerOf(
  value: unknown,
  spec: CommandSpec,
  services: Services,
): Promise<Wrapping> {
  const table = (isTable(value) ? value : { image: value }) as unknown as Container;
  const { root } = services;
  if (root.includes(":")) {
    throw new Error(`the project cannot be mounted: there is a colon in its path, ${root}`);
  }
  const runtime = await runtimeOf(table.runtime, spec, services);
  const name = `assay-${spec.attemptId}`;
  const { image, network, user, workdir = spec.cwd, volumes = [], args = [], init = true } = table;
  const argv = [
    ...[runtime, "run", "--rm"],
    ...(init ? ["--init"] : []),
    ...["--name", name],
    ...option("--volume", [`${root}:${root}`, ...volumes.map((volume) => absolute(root, volume))]),
    ...option("--workdir", [workdir]),
    ...option("--network", network === undefined ? [] : [network]),
    ...option("--user", user === undefined ? [] : [user]),
    ...option("--env", [...namesToPass(spec, services), ...assaysOwn]),
    ...args,
    image,
  ];
  return { argv, collector: { collect: removeContainer(runtime, name) } };
}

function option(flag: string, values: readonly string[]): string[] {
  return values.flatMap((value) => [flag, value]);
}

function absolute(root: string, volume: string): string {
  const [, host, rest] = /^(\.[^:]*)(:.*)?$/s.exec(volume) ?? [];
  return host === undefined ? volume : `${join(root, host)}${rest ?? ""}`;
}

/** What was set for the command: everything that differs from assay's own environment. */
function namesToPass({ env }: CommandSpec, services: Services): string[] {
  return Object.keys(env)
    .filter((name) => !assaysOwn.includes(name) && env[name] !== services.env(name))
    .sort();
}

/**
 * The program that runs containers. It is asked for its version, which needs a working engine: a command
 * whose container is unavailable could not be run, as opposed to failing.
 */
async function runtimeOf(
  given: string | undefined,
  { env }: CommandSpec,
  { run, program }: Services,
): Promise<string> {
  const answers: string[] = [];
  for (const runtime of given === undefined ? ["docker", "podman"] : [given]) {
    try {
      const path = runtime.includes("/") ? runtime : await program(runtime);
      const { exitCode, stderr } = await run([path, "version"], { env: withoutPath(env) });
      if (exitCode === 0) return path;
      answers.push(`${runtime}: ${stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`}`);
    } catch (error) {
      answers.push(`${runtime}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new Error(`no container engine answers (${answers.join("; ")})`);
}

/** The client runs outside the container: programs it starts by name are not the command's. */
function withoutPath({ PATH: _, ...env }: CommandSpec["env"]): CommandSpec["env"] {
  return env;
}

/** The engine's exit code if it could not create the container. */
const engineFailed = 125;

/** Removes a container that outlived the command because its client was stopped. */
function removeContainer(runtime: string, name: string): Collector["collect"] {
  return async ({ env: all }, { exitCode, signal, timedOut, cancelled }, { run, warn }) => {
    if (exitCode === engineFailed) {
      warn(`${runtime} could not run the container (exit code 125): see standard error`);
    }
    if (!timedOut && !cancelled && signal === null) return;
    const env = withoutPath(all);
    const filter = ["--all", "--quiet", "--filter", `name=^${name}$`];
    const { stdout } = await run([runtime, "ps", ...filter], { env });
    if (stdout.trim() === "") return;
    // Killed first, since removing alone may wait until it ends by itself.
    await run([runtime, "kill", name], { env });
    const removed = await run([runtime, "rm", "--force", name], { env });
    const left = (await run([runtime, "ps", ...filter], { env })).stdout.trim() !== "";
    if (left) {
      throw new Error(`the container ${name} could not be removed: ${removed.stderr.trim()}`);
    }
    warn(`the container ${name} was still there when the command had ended; it was removed`);
  };
}
