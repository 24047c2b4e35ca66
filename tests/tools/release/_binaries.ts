/** Compiles the bundle for machines, and says of each whether it was made or why not. */

import { compile } from "../compile.ts";
import type { Target } from "./_targets.ts";

/** What became of one machine's program. */
export interface Binary {
  readonly target: Target;
  /** The file's name in the release. */
  readonly name: string;
  /** Why it was not made. */
  readonly missing?: string;
}

/** Makes the programs of `targets` in `folder`, one after the other. */
export async function makeBinaries(
  entry: string,
  folder: string,
  targets: readonly Target[],
): Promise<Binary[]> {
  const made: Binary[] = [];
  for (const target of targets) made.push(await makeBinary(entry, folder, target));
  return made;
}

async function makeBinary(entry: string, folder: string, target: Target): Promise<Binary> {
  const name = `assay-${target.triple}${target.ending}`;
  const program = `${folder}/${name}`;
  try {
    await compile(entry, { program, target: target.triple });
  } catch (error) {
    await removeIfThere(program);
    return { target, name, missing: reasonOf(error) };
  }
  if (target.isProgram(await headOf(program))) return { target, name };
  await Deno.remove(program);
  return { target, name, missing: "deno compile made a program for another machine" };
}

/** What deno said, in one line: without its stack, and without advice for those who compile by hand. */
function reasonOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error);
  const lines = said.split(/^(?:Stack backtrace|hint):/m)[0]!.split("\n").slice(1);
  const reasons = lines.map((line) => line.trim().replace(/^(?:error|\d+): /, ""));
  return reasons.filter((line) => line !== "" && line !== "Caused by:").join("; ");
}

async function headOf(path: string): Promise<Uint8Array> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(4096);
  return bytes.subarray(0, await file.read(bytes) ?? 0);
}

async function removeIfThere(path: string): Promise<void> {
  await Deno.remove(path).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
