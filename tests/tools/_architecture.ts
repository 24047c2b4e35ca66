/** The layers of ARCHITECTURE.md, out of the lint rule that holds them. */

import { layers } from "../lint/layers.ts";

/** One line a layer, the lowest first; blank lines around it, as the formatter wants. */
export function layersText(): string {
  const lines = layers.map((units) => units.join("  "));
  return `\n\`\`\`text\n${lines.join("\n")}\n\`\`\`\n`;
}
