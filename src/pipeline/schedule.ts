/** Runs jobs side by side, at most so many at once, starting them in order. */

/** Runs `work` for every item and returns the results in the items' order. */
export async function schedule<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, worker));
  return results;
}

/** Does work that others with the same key have to wait for, after those that came before; `""`: there are none. */
export async function inTurn<R>(
  turns: Map<string, Promise<unknown>>,
  key: string,
  work: () => Promise<R>,
): Promise<R> {
  if (key === "") return await work();
  const mine = (turns.get(key) ?? Promise.resolve()).then(work);
  turns.set(key, mine.catch(() => {}));
  return await mine;
}
