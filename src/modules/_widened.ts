/** What a plugin is granted beyond what it was granted before. */

import type { PluginPermissions } from "../plugin_setting.ts";

/** The grants of `now` that `before` does not hold, such as `net: api.example.com`. */
export function widened(now: PluginPermissions, before: PluginPermissions): string[] {
  const names = Object.keys(now) as (keyof PluginPermissions)[];
  return names.flatMap((name) => {
    const [wanted, had] = [now[name] ?? false, before[name] ?? false];
    if (had === true || wanted === false) return [];
    if (wanted === true) return [`${name}: all`];
    const known = had === false ? [] : had;
    return wanted.filter((each) => !known.includes(each)).map((each) => `${name}: ${each}`);
  });
}
