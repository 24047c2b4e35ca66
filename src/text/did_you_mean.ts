/** The name that was probably meant. */

/** Maximum number of edits that still counts as a typo. */
const maxDistance = 2;

/** The candidate nearest to `word`, within two edits and less than half its letters; else one with that word in it. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.min(maxDistance, Math.floor((word.length - 1) / 2));
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  // `junit` for `junit-xml`.
  return best ?? candidates.find((each) => plain(each).split("_").includes(plain(word)));
}

/** ` did you mean "x"?` after a semicolon, or nothing. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const meant = nearest(word, candidates);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

/** Ignores case and the difference between `-` and `_`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll("-", "_");
}

/** Damerau-Levenshtein distance (optimal string alignment): insert, delete, replace, swap. */
function editDistance(a: string, b: string): number {
  let [beforeLast, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, i) => i)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length]!;
}
