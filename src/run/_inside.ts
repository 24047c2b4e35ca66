/** The innermost part of a sandboxed argv: it shows that the command was started, and sets its variables. */

import { join } from "@std/path";

/**
 * What stands outside of a sandbox (engines, their shells, assay started once more) must not be steered by
 * variables that are meant for the command: `LD_PRELOAD` from an env file that the command itself can write
 * would run its code outside. So what differs from assay's own environment travels under this name.
 */
const prefix = "ASSAY_INNER_";

/** Variables that are looked at by nothing outside though they are the command's own. */
const harmless = /^(?:ASSAY(?:_\w+)?|COLUMNS|TMPDIR|SHLVL|_)$/;

/** Variables that programs outside need as assay has them, whatever the command has. */
const needed = /^(?:PATH|HOME|LANG|LC_\w+|XDG_\w+|DBUS_\w+|DENO_DIR|DOCKER_\w+|CONTAINER_\w+)$/;

/** Names a shell can set. */
const settable = /^[A-Za-z_]\w*$/;

/** An environment, as those outside of the sandbox get it. */
export interface OuterEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** The variables that are set inside, by their own names. */
  readonly inner: readonly string[];
  /** Variables that no shell can set: they are left out. */
  readonly dropped: readonly string[];
}

/** Parts the command's environment from what those outside may see of it. */
export function outerEnvironment(
  own: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): OuterEnvironment {
  const outer: Record<string, string> = {};
  const [inner, dropped]: [string[], string[]] = [[], []];
  for (const [name, value] of Object.entries(env)) {
    if (own[name] === value || harmless.test(name)) outer[name] = value;
    else if (!settable.test(name)) dropped.push(name);
    else {
      inner.push(name);
      outer[prefix + name] = value;
      if (needed.test(name) && own[name] !== undefined) outer[name] = own[name];
    }
  }
  return { env: outer, inner, dropped };
}

/** `$0` is the mark, `$1` the names; the rest is the command. */
const script =
  `true > "$0" || exit 125; for assay_name in $1; do eval "export $assay_name=\\"\\$${prefix}$assay_name\\""; ` +
  `unset "${prefix}$assay_name"; done; unset assay_name; shift; exec "$@"`;

/** Puts what is done first inside of the sandbox in front of a command. */
export function insideOf(
  argv: readonly string[],
  { inner }: Pick<OuterEnvironment, "inner">,
  mark: string,
): string[] {
  return ["/bin/sh", "-c", script, mark, inner.join(" "), ...argv];
}

/** The file that is there when the command was started inside of its sandbox. */
export function startMark(liveDir: string): string {
  return join(liveDir, ".started");
}
