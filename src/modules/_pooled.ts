/** Bounded concurrency. */

/**
 * Runs `act` on every item, at most `limit` at a time. After the first failure nothing more is begun,
 * `failed` is called so that the rest can be cut short, and that failure is thrown once all have ended.
 */
export async function pooled<T>(
  limit: number,
  items: readonly T[],
  act: (item: T) => Promise<void>,
  failed: (error: unknown) => void,
): Promise<void> {
  const errors: unknown[] = [];
  let next = 0;
  const work = async () => {
    while (next < items.length && errors.length === 0) {
      try {
        await act(items[next++]!);
      } catch (error) {
        errors.push(error);
        failed(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, work));
  if (errors.length > 0) throw errors[0];
}
