/** What a complaint is about: the paths and the host that its line names. */

import type { Clue } from "./_output_clues.ts";

/** A path in quotes; an apostrophe within a word opens none. */
const quoted = /(?<!\w)['"`‘“]([^'"`‘’“”]{1,400})['"`’”]/g;

/** An absolute path without quotes. */
const absolute = /(?<![\w.~/'"`‘-])(\/[^\s'"`‘’“”:;,()<>|]{1,400})/g;

/** A name right before the complaint: `open NAME: `, `tool: NAME: `, `tool: line 1: NAME: `. */
const named =
  /(?:\b(?:open|create|touch|mkdir|rmdir|unlink|rename|remove|write|file|directory) |^[\w./+-]{1,100}: (?:(?:line )?\d{1,9}: )?)([^\s'"`:()]{1,400})(?:: Cannot \w{1,20})?:? ?[:(]? ?$/;

/** A path with a folder in it right before the complaint. */
const withFolder =
  /(?:^|[\s:(=])([^\s'"`:()]{0,200}\/[^\s'"`:()]{0,200})(?:: Cannot \w{1,20})?:? ?[:(]? ?$/;

/** Words that stand where a name could. */
const noName =
  /^E[A-Z]{3,20}$|(?:[Ee]rror|[Ee]xception|[Ee]rrno|failed|denied|[Ww]arning|[Ff]atal)$/;

/** How far behind the complaint its path may stand, as in `, open '/x'`. */
const nearby = 100;

/**
 * The paths a complaint about a file may be about, the likeliest first. Where one stands right beside the
 * complaint, the others are about something else.
 */
export function pathsOf({ before, after, above, complaint, line }: Clue): string[] {
  const beside = [
    ...besideBefore(before),
    ...allIn(after.slice(0, nearby)).slice(0, 2),
  ];
  if (beside.length > 0) return beside;
  const around = allIn(withoutPlaces(before)).toReversed();
  if (around.length > 0) return around;
  // Rust says it without the file, which stands in the lines above.
  const isBare = complaint === "read_only" || line.includes("(os error ");
  return isBare ? above.toReversed().flatMap((each) => allIn(withoutPlaces(each))) : [];
}

function besideBefore(before: string): string[] {
  const inQuotes = /(?<!\w)['"`‘“]([^'"`‘’“”]{1,400})['"`’”]\)?:? ?[:(]? ?$/.exec(before)?.[1];
  const name = inQuotes ?? withFolder.exec(before)?.[1] ?? named.exec(before)?.[1];
  return name === undefined || noName.test(name) ? [] : [name];
}

function allIn(text: string): string[] {
  const inQuotes = [...text.matchAll(quoted)].map(([, path]) => path!);
  const paths = inQuotes.filter((path) => path.includes("/") || !path.includes(" "));
  return [...paths, ...[...text.matchAll(absolute)].map(([, path]) => path!)];
}

/** Without the program that speaks and without places in sources, such as `/src/main.py:10`. */
function withoutPlaces(text: string): string {
  return text.replace(/^\s{0,20}[^\s:'"]{1,200}: /, "").replaceAll(/\/[^\s:'"]{1,400}:\d+/g, "");
}

const hostName = String.raw`\[?([\w-][\w.:-]{0,252})\]?`;

/** How tools name the host they did not reach. */
const hostPatterns: readonly RegExp[] = [
  new RegExp(String.raw`could not resolve host(?:name)?:? ['"‘]?${hostName}`, "i"),
  new RegExp(String.raw`resolve host address ['"‘]${hostName}`, "i"),
  new RegExp(String.raw`(?:resolve|resolving) ['"‘]${hostName}`, "i"),
  new RegExp(String.raw`(?:enotfound|eai_again|enetunreach|connect eacces) ${hostName}`, "i"),
  new RegExp(String.raw`\blookup (?!address\b)${hostName}`, "i"),
  new RegExp(String.raw`\bhost=['"]${hostName}`, "i"),
  new RegExp(String.raw`\b(?:connect to|dial \w{1,10}) ${hostName}`, "i"),
  new RegExp(String.raw`\bhttps?://(?:[^\s/@'"]{1,200}@)?${hostName}`, "i"),
  new RegExp(String.raw`(?:^|: )${hostName}: (?:temporary failure|name or service not known)`, "i"),
];

/** The host that was not reached, as far as the line tells, with its port where that stands with it. */
export function hostOf({ line, after, before }: Clue): string | undefined {
  for (const pattern of hostPatterns) {
    const host = pattern.exec(line)?.[1]?.replace(/[.:]+$/, "");
    if (host !== undefined && host.length > 0 && isHost(host)) return host;
  }
  return port(before) ?? port(after);
}

/** An address with a port, such as `10.0.0.1:443`. */
function port(text: string): string | undefined {
  return /\b(\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?)\b/.exec(text)?.[1];
}

function isHost(text: string): boolean {
  return text === "localhost" || /[.:]/.test(text) || /^[a-z][a-z0-9-]*$/i.test(text);
}
