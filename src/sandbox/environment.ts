/** Which variables a sandboxed command inherits, and which names say that a value is a secret. */

import type { SandboxSpec } from "../plugin.ts";

/** What programs need to run at all, to find themselves and to speak the user's language. */
const basics = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "LC_*",
  "TZ",
  "TERM",
  "COLUMNS",
  "TMPDIR",
];

/**
 * The part of assay's own environment that a command inherits. `clean` keeps what every program needs, a
 * list keeps this and what it names, where a final `*` matches any ending. Neither keeps what an outer
 * assay set for its command (`ASSAY_*`), even when the list names it. Any other setting inherits all.
 */
export function inheritedEnvironment(
  environment: Readonly<Record<string, string>>,
  setting: SandboxSpec["env"] = "inherit",
): Record<string, string> {
  if (setting === "inherit") return { ...environment };
  const patterns = setting === "clean" ? basics : [...basics, ...setting];
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) =>
      !name.startsWith("ASSAY_") && patterns.some((pattern) => matches(name, pattern))
    ),
  );
}

function matches(name: string, pattern: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Parts of names, in any position. */
const secretPart =
  /token|secret|passw|passphrase|credential|private|api_?key|access_?key|auth|cookie|session|jwt|dsn/i;

/** Words of names, between `_`: shorter ones occur inside of harmless names. */
const secretWord = /(?:^|_)(?:key|keys|pat|pass|pwd|pw|sid|cert|signature|salt)(?:_|$)/i;

/** Addresses of services, which often hold the password. */
const serviceAddress =
  /(?:database|db|redis|mongo|mongodb|postgres|postgresql|mysql|amqp|rabbitmq|webhook|proxy|connection)_?(?:url|uri|string)$|^https?_proxy$|^all_proxy$/i;

/** The working directory and the one before. */
const notSecret = /^(?:OLD)?PWD$/;

/** Whether a variable's name says that its value may be a secret, which is never kept as evidence. */
export function isSecretName(name: string): boolean {
  return !notSecret.test(name) &&
    [secretPart, secretWord, serviceAddress].some((pattern) => pattern.test(name));
}
