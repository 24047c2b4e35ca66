/** Counts, lists, durations and truncation, for sentences. */

/** `1 test`, `2 tests`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(items: readonly string[], last = "and"): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} ${last} ${items.at(-1)}`;
}

/** `250ms`, `1.5s`, `1m 30s`, `1h 2m`: the one way to write durations. */
export function durationText(ms: number): string {
  if (ms < 999.5) return `${Number(ms.toPrecision(3))}ms`;
  const tenths = Math.round(ms / 100) / 10;
  if (tenths < 60) return `${tenths}s`;
  const whole = Math.round(ms / 1000);
  return [[Math.floor(whole / 3600), "h"], [Math.floor(whole / 60) % 60, "m"], [whole % 60, "s"]]
    .filter(([count]) => count !== 0).map(([count, unit]) => `${count}${unit}`).join(" ");
}

/** `512 B`, `12.3 KiB`, `1.0 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const mebibyte = 1024 * 1024;
  return bytes < mebibyte
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / mebibyte).toFixed(1)} MiB`;
}

/** The text in at most `limit` code units, ending in `…` if it was cut, never inside a character. */
export function truncate(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, Math.max(limit - 1, 0));
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
