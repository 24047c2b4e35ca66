/**
 * `deno task compile`: the bundle as one program, `dist/assay`, with the permission flags of
 * `deno task demo` and one more: the program that limits itself to a sandbox calls the C library. (Without
 * compiling, assay starts a second Deno for that, which alone has the flag.)
 *
 * Without a cache of V8's: it would be a file under /tmp by a name that anyone can foresee, and what it holds
 * is run. A command that may write /tmp must not reach assay by it. It costs 8 ms a start.
 *
 * `deno compile` downloads its base program from a host that locked-down networks cannot reach. There
 * ASSAY_COMPILE_DENO names the Deno that compiles and DENORT_BIN the base program of its version.
 *
 * @module
 */

import { permissionFlags } from "../support.ts";
import { bundle, scripts } from "./bundle.ts";

/** The chunks of a bundle: the compiled program cannot find by itself what is imported when used. */
function chunksOf(entry: string): string[] {
  const folder = entry.replace(/\/[^/]+$/, "");
  return scripts(folder).map((name) => `${folder}/${name}`).filter((path) => path !== entry);
}

/** The Deno that compiles. */
export function compilingDeno(): string {
  return Deno.env.get("ASSAY_COMPILE_DENO") ?? Deno.execPath();
}

/** What is compiled for which machine, and where to. */
export interface CompileOptions {
  /** Where the program is written; default: next to the entry. */
  readonly program?: string;
  /** A triple that `deno compile --target` knows; default: this machine. */
  readonly target?: string;
}

/** Compiles a bundle's entry to a program; returns the program's path. */
export async function compile(entry: string, options: CompileOptions = {}): Promise<string> {
  const { program = entry.replace(/\.js$/, ""), target } = options;
  const includes = chunksOf(entry).flatMap((chunk) => ["--include", chunk]);
  const permissions = [...permissionFlags(), "--allow-ffi"];
  const isolation = ["--no-config", "--no-lock", "--no-check", "--no-code-cache", "--quiet"];
  const machine = target === undefined ? [] : ["--target", target];
  const { DENORT_BIN: base, ...env } = Deno.env.toObject();
  const { success, stderr } = await new Deno.Command(compilingDeno(), {
    args: ["compile", ...isolation, ...permissions, ...machine, ...includes, "-o", program, entry],
    // The base program that is named is this machine's, and deno would take it for any other.
    env: base !== undefined && isHost(target) ? { ...env, DENORT_BIN: base } : env,
    clearEnv: true,
    stdin: "null",
    stdout: "null",
  }).output();
  if (!success) throw new Error(compileFailure(new TextDecoder().decode(stderr)));
  return program;
}

function isHost(target: string | undefined): boolean {
  return target === undefined || target === Deno.build.target;
}

/** What deno said, and what to do where it could not download its base program. */
export function compileFailure(said: string): string {
  return `deno compile failed:\n${said.trim()}\n` +
    "hint: where its base program cannot be downloaded, name a Deno in ASSAY_COMPILE_DENO and the " +
    "denort of its version in DENORT_BIN";
}

if (import.meta.main) {
  try {
    console.log(await compile(await bundle()));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
