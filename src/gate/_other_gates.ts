/** The gates that are not of a kind: acceptance, sandbox, fresh. */

import type { Attempt } from "../model.ts";
import type { Acceptance } from "./acceptance.ts";
import { doesNotApply, fails, isUnknown, type Judgement, passes } from "./_judgement.ts";
import { listed, plural } from "./_text.ts";
import type { GateInput } from "./types.ts";

/** Every item of the checklist is checked. Units are items. */
export function judgeAcceptance(file: string, acceptance: Acceptance | undefined): Judgement {
  if (acceptance === undefined) return isUnknown(`${file} was not read`);
  if ("error" in acceptance) return isUnknown(`${file}: ${acceptance.error}`);
  const { items } = acceptance;
  const open = items.filter(({ checked }) => !checked);
  if (items.length === 0) return isUnknown(`${file} holds no checklist items`);
  if (open.length === 0) {
    return passes(`all ${plural(items.length, "item")} of ${file} are checked`);
  }
  const shown = listed([
    ...open.slice(0, 3).map(({ text }) => text === "" ? "(no text)" : text),
    ...(open.length > 3 ? [`${open.length - 3} more`] : []),
  ]);
  const share = (items.length - open.length) / items.length;
  return fails(share, `${open.length} of ${plural(items.length, "item")} not checked: ${shown}`);
}

/** Every declared dimension was enforced. Units are the commands that declare any. */
export function judgeSandbox(attempts: readonly Attempt[]): Judgement {
  const declaring = attempts.filter(({ sandbox }) => sandbox.length > 0);
  if (declaring.length === 0) return doesNotApply("no command declares a sandbox");
  const bad = declaring.filter(({ sandbox }) =>
    sandbox.some((fact) => fact.enforced_by === undefined)
  );
  if (bad.length === 0) return passes(`enforced for ${plural(declaring.length, "command")}`);
  const first = bad[0]!;
  const dimensions = first.sandbox.filter((fact) => fact.enforced_by === undefined)
    .map(({ dimension }) => dimension);
  const more = bad.length > 1 ? ` (and ${plural(bad.length - 1, "more command")})` : "";
  return fails(
    (declaring.length - bad.length) / declaring.length,
    `${first.id}: not enforced: ${listed(dimensions)}${more}`,
  );
}

/** The working tree is the one the evidence was made of. */
export function judgeFresh(
  trees: GateInput["fresh"],
): Judgement {
  if (trees?.changed?.length) {
    const shown = trees.changed.slice(0, 3).join(", ") + (trees.changed.length > 3 ? ", …" : "");
    const files = plural(trees.changed.length, "file");
    return fails(0, `${files} changed while the commands ran: ${shown}`);
  }
  if (!trees?.now || !trees.then) return isUnknown("the working tree's hash could not be told");
  if (trees.now === trees.then) return passes("the working tree is as it was");
  return fails(0, "the working tree has changed since");
}
