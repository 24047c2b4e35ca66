/** Sentences that warn, for people. */

import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { wrap } from "./width.ts";

/** Each after a mark, wrapped; what is said twice once. */
export function warningLines(warnings: readonly string[], { columns, color }: Look): string {
  const { yellow } = styles(color);
  return [...new Set(warnings)].flatMap((text) =>
    wrap(clean(text), columns - 2).map((line, index) =>
      `${index === 0 ? yellow("!") : " "} ${line}\n`
    )
  ).join("");
}
