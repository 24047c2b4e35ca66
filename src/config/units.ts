/** Durations and sizes as users write them. */

/** `1h30m`, `5m`, `1.5s`, `500ms`: units from large to small, each at most once. */
export const durationPattern =
  /^(?=\d)(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;

/** `64MiB`, `512k`, `2g`, `1.5GB`, `100`. */
export const sizePattern = /^(\d+(?:\.\d+)?) ?(?:([kmgtKMGT])([iI]?[bB])?|[bB])?$/;

/** Milliseconds of each group of {@linkcode durationPattern}. */
const unitMs = [86_400_000, 3_600_000, 60_000, 1000, 1];

/** Timers wait at most 2^31 - 1 ms (24.8 days); a longer one would fire at once. */
export const maxDurationMs = 2 ** 31 - 1;

/**
 * Milliseconds of `"5m"` or of a number of seconds; `undefined` if it is not a duration, not positive
 * or longer than 24 days.
 */
export function parseDuration(value: string | number): number | undefined {
  const ms = typeof value === "number" ? value * 1000 : durationOf(value);
  return ms !== undefined && ms > 0 && ms <= maxDurationMs
    ? Math.max(1, Math.round(ms))
    : undefined;
}

function durationOf(text: string): number | undefined {
  const match = durationPattern.exec(text);
  return match?.slice(1).reduce((sum, part, index) => sum + Number(part ?? 0) * unitMs[index]!, 0);
}

/**
 * Bytes of `"64MiB"` or of a number of bytes; `undefined` if it is not a size or not positive. `k`,
 * `kib` and `m`, `mib` … count in 1024, `kb`, `mb` … in 1000.
 */
export function parseSize(value: string | number): number | undefined {
  const bytes = typeof value === "number" ? value : sizeOf(value);
  return bytes !== undefined && bytes >= 1 && bytes <= Number.MAX_SAFE_INTEGER
    ? Math.round(bytes)
    : undefined;
}

function sizeOf(text: string): number | undefined {
  const match = sizePattern.exec(text);
  if (!match) return undefined;
  const power = match[2] === undefined ? 0 : "kmgt".indexOf(match[2].toLowerCase()) + 1;
  const base = match[3]?.toLowerCase() === "b" ? 1000 : 1024;
  return Number(match[1]) * base ** power;
}
