/** Counts that an XML report claims for itself in attributes. */

import { truncate } from "../../src/text/words.ts";
import { Broken } from "./_events.ts";
import type { Attributes } from "./_xml_skim.ts";

/** Reads claimed counts, and remembers the first that is no count: nobody knows what it hides. */
export class ClaimedCounts {
  #unreadable: string | undefined;

  /** The count in an attribute; nothing where it is absent or empty. Tools write `1,204` and `3.0`, too. */
  read(attributes: Attributes, name: string): number | undefined {
    const text = attributes[name]?.trim();
    if (!text) return undefined;
    const match = /^(\d[\d,]{0,14})(?:\.0+)?$/.exec(text);
    if (match) return Number(match[1]!.replaceAll(",", ""));
    this.#unreadable ??= `${name}="${truncate(text, 40)}"`;
    return undefined;
  }

  /** The report was read to its end: throws {@linkcode Broken} if a claim was no count. */
  close(): void {
    if (this.#unreadable === undefined) return;
    throw new Broken("malformed", `claims ${this.#unreadable}, which is no count`);
  }
}

/** The sum; nothing where neither is known. */
export function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

/** The larger; nothing where neither is known. */
export function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : Math.max(one ?? 0, other ?? 0);
}
