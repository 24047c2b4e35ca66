/** Amounts of money in whole cents, so that sums are exact. */

/** Reads an amount such as `12`, `12.5` or `12.50` into cents. */
export function parseMoney(text: string): number {
  const match = /^(\d+)(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (!match) throw new RangeError(`not an amount of money: "${text}"`);
  const [, units, cents = ""] = match;
  return Number(units) * 100 + Number(cents.padEnd(2, "0"));
}

/** Writes cents as an amount with two decimals. */
export function formatMoney(cents: number): string {
  const sign = cents < 0 ? "-" : "";
  const absolute = Math.abs(cents);
  return `${sign}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, "0")}`;
}
