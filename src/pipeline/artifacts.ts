/** Copies the files that collectors name into the attempt's folder. */

import { join, resolve } from "@std/path";
import { messageOf } from "../errors.ts";
import type { Artifact } from "../model.ts";
import { folderName } from "./prepare.ts";
import { artifactOf, isInside } from "./report.ts";
import type { AttemptContext, Prepared } from "./types.ts";

/** Keeps each file by its name, with its hash. One that cannot be kept is a warning. */
export async function keepArtifacts(
  prepared: Prepared,
  files: Readonly<Record<string, string>>,
  context: Pick<AttemptContext, "io" | "project">,
): Promise<Artifact[]> {
  const kept: Artifact[] = [];
  for (const [name, path] of Object.entries(files)) {
    try {
      const real = await find(path, prepared, context);
      kept.push(await keep(name, real, prepared, context));
    } catch (error) {
      // Whatever is wrong with a file that a plugin names costs that file alone.
      prepared.say(`artifact ${name} (${path}) is not kept: ${messageOf(error)}`);
    }
  }
  return kept;
}

async function find(
  path: string,
  { dir }: Prepared,
  { io, project }: Pick<AttemptContext, "io" | "project">,
): Promise<string> {
  const { root, store: { outputCap } } = project;
  const given = resolve(root, path);
  if (!await io.fs.stat(given)) throw new Error("there is no such file");
  const real = await io.fs.realPath(given);
  if (!isInside(root, real) && !isInside(await io.fs.realPath(dir), real)) {
    throw new Error("it is outside the project");
  }
  const info = await io.fs.stat(real);
  if (!info?.isFile) throw new Error("it is no file");
  if (info.size > outputCap) {
    throw new Error(`its ${info.size} bytes are more than the ${outputCap} that are kept`);
  }
  return real;
}

/** A file in the attempt's folder is evidence where it lies. */
async function keep(
  name: string,
  real: string,
  { dir }: Prepared,
  { io, project }: Pick<AttemptContext, "io" | "project">,
): Promise<Artifact> {
  if (isInside(dir, real)) return await artifactOf(io, project.root, name, real);
  const copy = join(dir, "artifacts", folderName(name));
  await io.fs.mkdir(join(dir, "artifacts"));
  await io.fs.copy(real, copy);
  return await artifactOf(io, project.root, name, copy);
}
