/** What `systemd-run --user` needs to find the user's systemd. */

import type { Services } from "../../src/plugin.ts";

const names = ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"];

/** The variables that name it, of assay's own environment, save those that a command has anyway. */
export function userEnvironment(
  services: Services,
  own: Readonly<Record<string, string>>,
): Record<string, string> {
  const pairs = names.map((name) => [name, services.env(name)] as const)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && own[pair[0]] !== pair[1]);
  return Object.fromEntries(pairs);
}
