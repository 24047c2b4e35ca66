/** What `git blame --porcelain` prints: https://git-scm.com/docs/git-blame#_the_porcelain_format */

/** Who last changed a line. */
export interface Commit {
  /** `null`: the line is not committed yet. */
  readonly hash: string | null;
  readonly author: string;
  /** ISO 8601 in UTC. */
  readonly date: string;
  /** First line of its message. */
  readonly summary: string;
}

/** Characters kept of a name and of a summary. */
const longest = 200;

/** `<hash> <line then> <line now> [<lines>]`; a hash of SHA-1 or SHA-256. */
const header = /^([0-9a-f]{40}(?:[0-9a-f]{24})?) \d+ (\d+)/;

/** The commit of each line by its number. What a commit is stands where it is first named. */
export function readBlame(output: string): ReadonlyMap<number, Commit> {
  const facts = new Map<string, Map<string, string>>();
  const hashes = new Map<number, string>();
  let current: Map<string, string> | undefined;
  for (const line of output.split("\n")) {
    const [, hash, number] = header.exec(line) ?? [];
    if (hash !== undefined) {
      current = facts.get(hash) ?? new Map();
      facts.set(hash, current);
      hashes.set(Number(number), hash);
    } else if (!line.startsWith("\t")) {
      const blank = line.indexOf(" ");
      if (blank > 0) current?.set(line.slice(0, blank), line.slice(blank + 1));
    }
  }
  return new Map(
    Array.from(hashes, ([line, hash]) => [line, commitOf(hash, facts.get(hash)!)]),
  );
}

function commitOf(hash: string, facts: ReadonlyMap<string, string>): Commit {
  const seconds = Number(facts.get("author-time"));
  const date = new Date(Number.isSafeInteger(seconds) ? seconds * 1000 : NaN);
  return {
    hash: /^0+$/.test(hash) ? null : hash,
    author: (facts.get("author") ?? "").slice(0, longest),
    date: Number.isNaN(date.getTime()) ? "" : date.toISOString(),
    summary: (facts.get("summary") ?? "").slice(0, longest),
  };
}
