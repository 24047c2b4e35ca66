/** What became of one dimension of a sandbox, in a line. */

import type { SandboxFact } from "../../model.ts";

/** Such as `network = none, enforced by bwrap`. */
export function sandboxText(fact: SandboxFact): string {
  return `${fact.dimension} = ${fact.declared}, ${fateText(fact)}`;
}

/** Such as `enforced by bwrap`, with what is left out. */
export function fateText({ enforced_by: engine, caveat, why }: SandboxFact): string {
  const [how, more] = engine === undefined
    ? ["not enforced", why]
    : [`enforced by ${engine}`, caveat];
  return more === undefined ? how : `${how}: ${more}`;
}
