/** Which of a sandbox's paths determine what runs outside it, and so stay unchanged. */

import type {
  ConfigTable,
  Dimension,
  Probe,
  SandboxSpec,
  Services,
  WrapContext,
} from "../../src/plugin.ts";
import { isWithin } from "../../src/text/paths.ts";

/** The protected paths that the sandbox does not open by naming them. */
export function closedPaths(
  { paths_writable = [] }: SandboxSpec,
  { protectedPaths }: Pick<WrapContext, "protectedPaths">,
): string[] {
  return protectedPaths.filter((path) => !paths_writable.includes(path));
}

/** The protected path that contains a path and keeps it closed: the deepest one counts. */
export function closedBy(
  path: string,
  spec: SandboxSpec,
  context: Pick<WrapContext, "protectedPaths">,
): string | undefined {
  const around = context.protectedPaths
    .filter((each) => isWithin(path, each))
    .sort((a, b) => b.length - a.length)[0];
  return around !== undefined && closedPaths(spec, context).includes(around) ? around : undefined;
}

// The programs of an engine: found during the probe, and exactly those are used later.

export type Programs<Name extends string> = Readonly<Record<Name, string>>;

/** Finds them. Rejects if one is missing. */
export async function findPrograms<Name extends string>(
  names: readonly Name[],
  { program }: Pick<Services, "program">,
): Promise<Programs<Name>> {
  const found = await Promise.all(names.map(async (name) => [name, await program(name)]));
  return Object.fromEntries(found);
}

/**
 * Those that the probe tried: its findings apply to no others.
 *
 * @param facts the probe's; `programs` is what {@linkcode findPrograms} found then
 */
export async function triedPrograms<Name extends string>(
  names: readonly Name[],
  { program, facts }: Pick<Services, "program"> & { readonly facts: ConfigTable },
): Promise<Programs<Name>> {
  const found = await findPrograms(names, { program });
  const tried = (facts.programs ?? {}) as Partial<Programs<Name>>;
  const other = names.find((name) => tried[name] !== found[name]);
  if (other === undefined) return found;
  throw new Error(
    `${other} is ${found[other]}, and what was tried is ${tried[other] ?? "another"}: ` +
      "assay sandbox doctor tries it again",
  );
}

/** The answer of a probe that tried some dimensions: those without problems are enforced. */
export function probed(
  problems: Readonly<Partial<Record<Dimension, string | undefined>>>,
  detail: string,
  facts: ConfigTable,
): Probe {
  const tried = Object.entries(problems);
  const held = tried.filter(([, problem]) => problem === undefined).map(([dimension]) => dimension);
  return {
    works: held.length > 0,
    detail: `${detail}; enforced there: ${held.join(", ") || "nothing"}`,
    missing: Object.fromEntries(tried.flatMap(([key, problem]) => problem ? [[key, problem]] : [])),
    facts,
  };
}
