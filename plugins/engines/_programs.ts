/** The programs of an engine: found when it is tried, and the very same when it is used. */

import type { ConfigTable, Services } from "../../src/plugin.ts";

/** Absolute paths of programs, by name. */
export type Programs<Name extends string> = Readonly<Record<Name, string>>;

/** Finds them. Rejects when one is missing. */
export async function findPrograms<Name extends string>(
  names: readonly Name[],
  { program }: Pick<Services, "program">,
): Promise<Programs<Name>> {
  const found = await Promise.all(names.map(async (name) => [name, await program(name)]));
  return Object.fromEntries(found);
}

/**
 * Those that the probe tried: what it found out holds of no others.
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
