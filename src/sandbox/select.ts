/** The smallest set of engines that enforces what a command's sandbox declares. */

import type { Dimension } from "../plugin.ts";

/** An engine that may be chosen. One whose probe failed covers nothing. */
export interface Candidate {
  /** Unique. */
  readonly name: string;
  /** Nesting: lower is further out. */
  readonly priority: number;
  /** What it can enforce on this machine. */
  readonly covers: ReadonlySet<Dimension>;
  /**
   * Works but by design enforces nothing, such as a log: it is chosen when preferred by name. Any
   * other engine that covers nothing is never chosen, named or not.
   */
  readonly idle?: boolean;
}

/** What was chosen. */
export interface Selection {
  /** Names, from the outermost inwards: by priority, then by name. */
  readonly chosen: readonly string[];
  /** The engine of each dimension that is covered; where several cover it, the outermost. */
  readonly assigned: ReadonlyMap<Dimension, string>;
  /** The dimensions that no candidate covers, in the order of the active ones. */
  readonly uncovered: readonly Dimension[];
}

/** The chosen candidates, by what decides between sets of the same size. */
interface Taken {
  readonly members: readonly Candidate[];
  /** Places in the order of preference, ascending. */
  readonly ranks: readonly number[];
  /** Ascending. */
  readonly priorities: readonly number[];
  /** Ascending. */
  readonly names: readonly string[];
}

const nothing: Taken = { members: [], ranks: [], priorities: [], names: [] };

/**
 * Chooses engines: as many of the active dimensions as any set covers, by the fewest engines; among those the
 * most preferred, then those of the lowest priorities, then the first by name. Exact, whatever the order of
 * the candidates; its cost grows with 2 to the number of dimensions, and only linearly with the candidates.
 *
 * @param preferred names in the order of preference; candidates that it does not name come last
 */
export function selectEngines(
  active: readonly Dimension[],
  candidates: readonly Candidate[],
  preferred: readonly string[] = [],
): Selection {
  const idle = candidates.filter(({ name, idle }) => idle === true && preferred.includes(name));
  const cover = smallestCover(active, candidates, preferred);
  const nested = [...cover, ...idle].sort((a, b) =>
    a.priority - b.priority || compare(a.name, b.name)
  );
  const assigned = new Map<Dimension, string>();
  for (const dimension of active) {
    const outermost = nested.find(({ covers }) => covers.has(dimension));
    if (outermost) assigned.set(dimension, outermost.name);
  }
  return {
    chosen: nested.map(({ name }) => name),
    assigned,
    uncovered: active.filter((dimension) => !assigned.has(dimension)),
  };
}

/**
 * The best set for each union of dimensions that can be reached, candidate by candidate. That the best of the
 * whole consists of such bests holds because adding one candidate to two sets never reverses their order.
 */
function smallestCover(
  active: readonly Dimension[],
  candidates: readonly Candidate[],
  preferred: readonly string[],
): readonly Candidate[] {
  const best = new Map<number, Taken>([[0, nothing]]);
  let all = 0;
  for (const candidate of candidates) {
    const mask = maskOf(active, candidate);
    if (mask === 0 || candidate.idle === true) continue;
    all |= mask;
    for (const [reached, taken] of [...best]) {
      const more = withMember(taken, candidate, preferred);
      const known = best.get(reached | mask);
      if (known === undefined || compareTaken(more, known) < 0) best.set(reached | mask, more);
    }
  }
  return best.get(all)!.members;
}

function maskOf(active: readonly Dimension[], { covers }: Candidate): number {
  return active.reduce((mask, dimension, bit) => covers.has(dimension) ? mask | 1 << bit : mask, 0);
}

function withMember(taken: Taken, candidate: Candidate, preferred: readonly string[]): Taken {
  const place = preferred.indexOf(candidate.name);
  const rank = place < 0 ? preferred.length : place;
  return {
    members: [...taken.members, candidate],
    ranks: [...taken.ranks, rank].sort(compare),
    priorities: [...taken.priorities, candidate.priority].sort(compare),
    names: [...taken.names, candidate.name].sort(compare),
  };
}

function compareTaken(a: Taken, b: Taken): number {
  return a.members.length - b.members.length || compareLists(a.ranks, b.ranks) ||
    compareLists(a.priorities, b.priorities) || compareLists(a.names, b.names);
}

/** Of equal length. */
function compareLists<T extends number | string>(a: readonly T[], b: readonly T[]): number {
  const index = a.findIndex((item, at) => item !== b[at]);
  return index < 0 ? 0 : compare(a[index]!, b[index]!);
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
