/**
 * `deno task compile`: the bundle as one program, `dist/assay`, with the permission flags of
 * `deno task demo` and no others.
 *
 * `deno compile` downloads its base program from a host that locked-down networks cannot reach. There
 * ASSAY_COMPILE_DENO names the Deno that compiles and DENORT_BIN the base program of its version.
 *
 * @module
 */

import { permissionFlags } from "../support.ts";
import { bundle } from "./bundle.ts";

/** The chunks of a bundle: the compiled program cannot find by itself what is imported when used. */
function chunksOf(entry: string): string[] {
  const folder = entry.replace(/\/[^/]+$/, "");
  return Array.from(Deno.readDirSync(folder), ({ name }) => `${folder}/${name}`)
    .filter((path) => path.endsWith(".js") && path !== entry)
    .toSorted();
}

/** Compiles a bundle's entry to a program beside it; returns the program's path. */
export async function compile(entry: string): Promise<string> {
  const program = entry.replace(/\.js$/, "");
  const includes = chunksOf(entry).flatMap((chunk) => ["--include", chunk]);
  const isolation = ["--no-config", "--no-lock", "--no-check", "--quiet"];
  const { success } = await new Deno.Command(
    Deno.env.get("ASSAY_COMPILE_DENO") ?? Deno.execPath(),
    {
      args: ["compile", ...isolation, ...permissionFlags(), ...includes, "-o", program, entry],
      stdin: "null",
      stdout: "null",
    },
  ).output();
  if (!success) throw new Error("deno compile failed");
  return program;
}

if (import.meta.main) console.log(await compile(await bundle()));
