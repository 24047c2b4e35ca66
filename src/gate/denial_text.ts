/** Sentences about what a sandbox kept a command from. */

import type { Denial } from "../model.ts";
import { plural } from "../text/words.ts";

/** Denials named in one sentence. */
const maxNamed = 3;

/** `filesystem, /etc/x (standard error: …)`. */
export function denialText({ dimension, subject, evidence }: Denial): string {
  const what = subject === undefined ? dimension : `${dimension}, ${subject}`;
  return `${what} (${evidence})`;
}

/** Several in one sentence, the first few by name. */
export function denialTexts(denials: readonly Denial[]): string {
  const named = denials.slice(0, maxNamed).map(denialText).join("; ");
  const rest = denials.length - maxNamed;
  return rest > 0 ? `${named}; and ${plural(rest, "other thing")}` : named;
}
