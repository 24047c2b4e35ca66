import type { Io } from "./io.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** The last id given out through one Io: a process has one, a test any number. */
interface Last {
  time: number;
  /** Sixteen digits of base 32: 80 bits. */
  random: number[];
}

const lastOf = new WeakMap<Io, Last>();

function randomDigits(io: Io): number[] {
  const digits: number[] = [];
  let bits = 0;
  let value = 0;
  for (const byte of io.random(10)) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      digits.push((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return digits;
}

/** Adds one in base 32; `false` when all 80 bits were ones. */
function increment(digits: number[]): boolean {
  for (let at = digits.length - 1; at >= 0; at--) {
    if (digits[at] !== 31) {
      digits[at]!++;
      return true;
    }
    digits[at] = 0;
  }
  return false;
}

function encodeTime(time: number): string {
  let text = "";
  for (let rest = time, at = 0; at < 10; at++, rest = Math.floor(rest / 32)) {
    text = alphabet[rest % 32] + text;
  }
  return text;
}

/**
 * A ULID: 26 characters that sort by creation time (https://github.com/ulid/spec). Within a process
 * each is greater than the one before, also within one millisecond and when the clock steps back.
 */
export function ulid(io: Io): string {
  const last = lastOf.get(io);
  const now = io.now();
  let next: Last;
  if (last && now <= last.time) {
    next = last;
    if (!increment(next.random)) next.time++;
  } else {
    next = { time: now, random: randomDigits(io) };
    lastOf.set(io, next);
  }
  return encodeTime(next.time) + next.random.map((digit) => alphabet[digit]).join("");
}

/** Whether a name can be that of a run's folder. */
export function isUlid(text: string): boolean {
  return /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/.test(text);
}
