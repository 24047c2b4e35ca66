/**
 * The only way to load module plugins. Only `cli/main.ts` imports it, for calls of verbs whose row in the table
 * says that they load: a verb that only looks cannot load anything.
 */

import { contentOf, digestOf, nameOf, needsTrust, relocked } from "../modules/content.ts";
import { loadModules } from "../modules/mod.ts";
import { changeTrust, notTrusted, otherDigest, trustStateOf } from "../modules/trust.ts";
import { givenDigest } from "./_plugins.ts";
import type { Call, LoadModules } from "./types.ts";

export function loaderFor(call: Pick<Call, "io" | "value">): LoadModules {
  const { io } = call;
  return async (root, plugins, settings, { isAsked = false, ...mode }) => {
    const given = isAsked ? undefined : givenDigest(call);
    if (given === undefined && !plugins.some(needsTrust)) {
      return await loadModules(io, root, plugins, settings, mode);
    }
    const content = await contentOf(io, root, plugins, settings);
    if (given !== undefined && given !== await digestOf(io, content)) throw otherDigest();
    const trustState = isAsked ? undefined : await trustStateOf(io, root, content, given);
    if (trustState?.isTrusted === false) {
      throw notTrusted(plugins.find(needsTrust)!, trustState.why);
    }
    const keeps = isAsked || trustState?.isRemembered;
    const loaded = await loadModules(io, root, plugins, settings, {
      ...mode,
      // A digest covers what is pinned: anything else is neither fetched nor pinned on its strength.
      frozen: mode.frozen || trustState?.isRemembered === false,
      approve(setting, { modules }) {
        if (!needsTrust(setting)) return;
        const known = content.plugins[setting.url]!.modules;
        const files = modules.filter(({ url }) => url.startsWith("file:"));
        const other = files.find(({ url, sha256 }) => known[nameOf(root, url)] !== sha256);
        if (other) throw notTrusted(setting, `${nameOf(root, other.url)} was changed just now`);
      },
    });
    return {
      ...loaded,
      async commitLock() {
        const wrote = await loaded.commitLock();
        // The lock's content is part of what is trusted, and assay itself wrote it.
        if (keeps && (wrote || isAsked)) {
          const now = await relocked(io, root, content);
          await changeTrust(io, root, () => now);
        }
        return wrote;
      },
    };
  };
}
