/** What assay lends a plugin in a worker, on the worker's own permissions. */

import type { ConfigTable, ProgramResult, Services } from "../../plugin.ts";
import { realPathSync } from "./files.ts";
import { mustHave } from "./grants.ts";
import { reader } from "./lazy.ts";
import { lastIndex } from "./primordials.ts";
import type { WorkerSetup } from "./protocol.ts";
import { variable } from "./safe_deno.ts";

const { statSync, readTextFileSync, errors } = Deno;
const commandClass = reader<typeof Deno.Command>(Deno, "Command");

/** Larger files are not read for plugins. */
const maxTextBytes = 16 * 1024 * 1024;

/** Bytes kept of each stream of a program. */
const maxOutput = 1024 * 1024;

/** Makes the services of one call. */
export function servicesFor(
  { root, path }: WorkerSetup,
  options: ConfigTable,
  signal: AbortSignal,
  { warn, find }: { warn(message: string): void; find(name: string): Promise<string> },
): Services {
  return {
    options,
    root,
    signal,
    // deno-lint-ignore require-await -- the promise carries what reading at once throws
    readText: async (path) => readInside(root, path),
    run: (argv, { cwd = root, env = {} } = {}) =>
      runProgram(find, signal, argv, { cwd, env: { PATH: path, ...env } }),
    program: find,
    env: variable,
    warn,
  };
}

function readInside(root: string, path: string): string | undefined {
  try {
    const real = realPathSync(path[0] === "/" ? path : `${root}/${path}`);
    if (root !== "/" && !real.startsWith(`${root}/`)) return undefined;
    const info = statSync(real);
    if (!info.isFile) return undefined;
    if (info.size > maxTextBytes) throw new Error(`${path} is larger than 16 MiB`);
    return readTextFileSync(real);
  } catch (error) {
    if (error instanceof errors.NotFound || error instanceof errors.NotADirectory) return undefined;
    throw error;
  }
}

async function runProgram(
  find: (name: string) => Promise<string>,
  signal: AbortSignal,
  argv: readonly string[],
  { cwd, env }: Required<NonNullable<Parameters<Services["run"]>[1]>>,
): Promise<ProgramResult> {
  signal.throwIfAborted();
  const [named, ...args] = argv.map(String);
  if (named === undefined) throw new TypeError("run needs a program");
  const program = lastIndex(named, "/") >= 0 ? named : await find(named);
  mustHave({ name: "run", command: program });
  const Command = commandClass();
  const child = new Command(program, {
    args,
    cwd,
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill, { once: true });
  try {
    const [stdout, stderr, status] = await Promise.all([
      beginning(child.stdout),
      beginning(child.stderr),
      child.status,
    ]);
    return { exitCode: status.signal === null ? status.code : null, stdout, stderr };
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** The first {@linkcode maxOutput} bytes of a stream as text; the rest is read and dropped. */
async function beginning(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = maxOutput;
  for await (const chunk of stream) {
    const part = chunk.subarray(0, left);
    left -= part.length;
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
