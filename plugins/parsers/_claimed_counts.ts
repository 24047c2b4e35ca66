/** Counts that an XML report claims for itself in attributes. */

import { truncate } from "../../src/text/words.ts";
import { Broken } from "./_events.ts";
import type { Attributes } from "./_xml_scan.ts";

/** Reads claimed counts, and remembers the first that is not a count: it may hide anything. */
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

  /** To be called at the report's end: throws {@linkcode Broken} if a claim was not a count. */
  close(): void {
    if (this.#unreadable === undefined) return;
    throw new Broken("malformed", `claims ${this.#unreadable}, which is not a count`);
  }
}

/** The sum; `undefined` if neither is known. */
export function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
}

/** The larger; `undefined` if neither is known. */
export function most(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined && other === undefined ? undefined : Math.max(one ?? 0, other ?? 0);
}
