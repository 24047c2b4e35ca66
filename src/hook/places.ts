/** Where hook runs keep what they set aside: in the git folder of the working tree. */

import { join } from "@std/path";

/** The places of one working tree. */
export interface HookPlaces {
  readonly folder: string;
  readonly journal: string;
  /** Held by a hook run for as long as it lives. */
  readonly lock: string;
}

/** Says where they are; `gitDir` is absolute. */
export function hookPlaces(gitDir: string): HookPlaces {
  const folder = join(gitDir, "assay", "hook");
  return { folder, journal: join(folder, "journal.json"), lock: join(folder, "lock") };
}

/** The places of the files of one journal. */
export function sessionPlaces({ folder }: HookPlaces, { session }: { readonly session: string }) {
  const own = join(folder, session);
  const [asides, trashes, folders] = ["aside", "trash", "folders"].map((name) =>
    join(own, name)
  ) as [string, string, string];
  return {
    own,
    folders,
    /** A folder that held nothing else. */
    folder: (index: number) => join(folders, String(index)),
    asides,
    /** The user's version of an entry. */
    aside: (index: number) => join(asides, String(index)),
    trashes,
    /** What was taken from the place of an entry and is still to be looked at. */
    trash: (index: number) => join(trashes, String(index)),
    /** What the index holds lies here by its path. */
    puts: join(own, "put"),
  };
}
