/** `assay plugin`: its parts, and what each is given. */

import { nearest } from "../text/did_you_mean.ts";
import { type ExitCode, UserError } from "../errors.ts";
import { checkFlags, type PluginAction, pluginActions } from "./_plugin_flags.ts";
import { add } from "./plugin_add.ts";
import { check, list } from "./plugin_list.ts";
import { remove } from "./plugin_remove.ts";
import { update } from "./plugin_update.ts";
import type { Call } from "./types.ts";

/** Runs the verb. */
export async function run(call: Call): Promise<ExitCode> {
  const [word = "list", ...words] = [...call.args, ...call.rest];
  const action = actionOf(call, word);
  checkFlags(call, action);
  if (action === "list" || action === "check") {
    checkCount(call, action, words, 0, 0);
    return await (action === "list" ? list(call) : check(call));
  }
  if (action === "remove") {
    checkCount(call, action, words, 1, 1);
    return await remove(call, words[0]!);
  }
  if (action === "update") return await update(call, words);
  checkCount(call, action, words, 1, 1);
  return await add(call, words[0]!);
}

function actionOf({ verb }: Call, word: string): PluginAction {
  const action = pluginActions.find((each) => each === word);
  if (action) return action;
  const meant = nearest(word, pluginActions);
  throw new UserError(
    `assay plugin has no part "${word}"${meant ? `; did you mean "${meant}"?` : ""}`,
    { code: "usage", hint: `usage: ${verb.usage}` },
  );
}

function checkCount(
  { verb }: Call,
  action: PluginAction,
  words: readonly string[],
  least: number,
  most: number,
): void {
  if (words.length >= least && words.length <= most) return;
  const message = words.length < least
    ? `assay plugin ${action} needs a URL`
    : `assay plugin ${action} takes ${most === 0 ? "no argument" : "one argument"}; "${
      words[most]
    }" is one too many`;
  throw new UserError(message, { code: "usage", hint: `usage: ${verb.usage}` });
}
