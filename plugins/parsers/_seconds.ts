/**
 * Durations as reports write them.
 *
 * @module
 */

/**
 * Milliseconds of a duration in seconds. Commas are separators of thousands (`1,234.5`) where they can
 * be, else the decimal point (`0,25`). What is negative or no number is no duration: `undefined`.
 */
export function millisecondsOf(seconds: string | undefined): number | undefined {
  if (!seconds) return undefined;
  const value = Number(seconds.includes(",") ? withoutCommas(seconds) : seconds);
  if (!(value >= 0) || value === Infinity || (value === 0 && seconds.trim() === "")) {
    return undefined;
  }
  return Math.round(value * 1e6) / 1e3;
}

function withoutCommas(text: string): string {
  if (/^\s*[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?\s*$/.test(text)) return text.replaceAll(",", "");
  return text.replace(",", ".");
}
