/** What a sandbox limits, dimension by dimension, and the text of each for people. */

import type { Capability, Dimension, SandboxEngine, SandboxSpec } from "../plugin.ts";
import { durationText } from "../text/words.ts";

/** Every dimension, in the order they are shown. */
export const dimensions = [
  "network",
  "hosts",
  "filesystem",
  "paths_writable",
  "paths_hidden",
  "paths_readable",
  "tmpfs",
  "processes",
  "pids",
  "timeout",
  "cpu",
  "memory",
  "env",
] as const satisfies readonly Dimension[];

/** The dimension that an engine means by a word that is not a dimension's key. */
const otherWords: Readonly<Record<Exclude<Capability, Dimension>, Dimension>> = {
  process: "processes",
  time: "timeout",
};

/** Every word with which an engine may name a dimension. */
export const capabilities = [...dimensions, "process", "time"] as const;

/** The dimension that a word of an engine stands for, if any. */
export function dimensionNamed(word: string): Dimension | undefined {
  const own = dimensions.find((each) => each === word);
  return own ?? (Object.hasOwn(otherWords, word) ? otherWords[word as "process"] : undefined);
}

/** Whether an engine says that it can enforce a dimension. */
export function declares(
  { capabilities }: Pick<SandboxEngine, "capabilities">,
  dimension: Dimension,
): boolean {
  return capabilities.some((word) => dimensionNamed(word) === dimension);
}

/** What an engine says about a dimension, under any of its words. */
export function saidOf(
  reasons: Readonly<Partial<Record<Capability, string>>> | undefined,
  dimension: Dimension,
): string | undefined {
  return Object.entries(reasons ?? {}).find(([word]) => dimensionNamed(word) === dimension)?.[1];
}

/** Values that restrict nothing. */
const open: Readonly<Partial<Record<Dimension, string>>> = {
  network: "unrestricted",
  filesystem: "unrestricted",
  processes: "visible",
  env: "inherit",
};

/** The dimensions that the sandbox restricts, in the order they are shown. */
export function activeDimensions(spec: SandboxSpec): Dimension[] {
  return dimensions.filter((dimension) => isActive(dimension, spec));
}

/** The sandbox without what restricts nothing. */
export function withoutOpen(spec: SandboxSpec): SandboxSpec {
  return Object.fromEntries(activeDimensions(spec).map((each) => [each, spec[each]]));
}

function isActive(dimension: Dimension, spec: SandboxSpec): boolean {
  const value = spec[dimension];
  if (value === undefined || value === open[dimension]) return false;
  // An empty list of variables is a limit; an empty list of paths or hosts is not.
  return !Array.isArray(value) || value.length > 0 || dimension === "env";
}

/** The texts of the dimensions that the sandbox restricts, for people. */
export function dimensionTexts(spec: SandboxSpec): Record<string, string> {
  return Object.fromEntries(
    activeDimensions(spec).map((each) => [each, dimensionText(each, spec)]),
  );
}

/** The text of one dimension, `""` when the sandbox does not name it. */
export function dimensionText(dimension: Dimension, spec: SandboxSpec): string {
  const value = spec[dimension];
  if (value === undefined) return "";
  if (dimension === "memory") return sizeText(value as number);
  if (dimension === "timeout" || dimension === "cpu") return durationText(value as number);
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Bytes as a user writes them: `512m`, `1500` where no unit divides it. */
function sizeText(bytes: number): string {
  let [rest, power] = [bytes, 0];
  while (power < 4 && rest > 0 && rest % 1024 === 0) [rest, power] = [rest / 1024, power + 1];
  return `${rest}${["", "k", "m", "g", "t"][power]}`;
}
