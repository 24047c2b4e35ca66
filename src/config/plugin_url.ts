/** The form of a module plugin's address. The loader finds out what is behind it. */

import { normalize } from "@std/path";
import { didYouMean } from "../text/did_you_mean.ts";
import { pathProblem } from "./paths.ts";

const schemes = ["https:", "http:", "file:", "data:", "jsr:", "npm:"];

/** Names of packages as the two registries allow them, a version, and a path in the package. */
const packages: Readonly<Record<string, { readonly form: RegExp; readonly example: string }>> = {
  "jsr:": {
    form: /^jsr:\/?@[a-z\d-]+\/[a-z\d-]+(?:@[^\s/@]+)?(?:\/\S*)?$/i,
    example: "jsr:@scope/name@1",
  },
  "npm:": {
    form: /^npm:\/?(?:@[\w.~-]+\/)?[\w.~-]+(?:@[^\s/@]+)?(?:\/\S*)?$/i,
    example: "npm:name@1",
  },
};

/**
 * Why an address cannot be a plugin's, with what to do, or nothing. Contains no `; `, because it
 * follows one.
 */
export function pluginUrlProblem(url: string): string | undefined {
  if (/\s/.test(url) && !url.startsWith("data:")) return "a URL cannot contain spaces";
  if (/^\.\.?(?:\/|$)/.test(url)) return localProblem(url);
  const [scheme] = /^[a-z][a-z\d+.-]*:/i.exec(url.toLowerCase()) ?? [];
  if (scheme === undefined) {
    const file = url.startsWith("/") ? `file://${url}` : `./${url}`;
    return `a file of the project is written "./…", any other with its scheme: did you mean "${file}"?`;
  }
  if (!schemes.includes(scheme)) {
    const guess = didYouMean(scheme.slice(0, -1), schemes.map((each) => each.slice(0, -1)));
    return `"${scheme}" is not a scheme for plugins${guess.replace("; ", ", ")}` +
      (guess ? "" : `, supported are ${schemes.join(", ")} and "./…"`);
  }
  const known = packages[scheme];
  if (known) return known.form.test(url) ? undefined : `write it as ${known.example}`;
  return scheme === "data:" ? undefined : urlProblem(url, scheme);
}

/** Why a registry's base address cannot be used, or nothing. */
export function baseUrlProblem(url: string): string | undefined {
  const [scheme = ""] = /^[a-z]+:/i.exec(url.toLowerCase()) ?? [];
  return scheme === "https:" || scheme === "http:"
    ? urlProblem(url, scheme)
    : 'it begins with "https://"';
}

/** A canonical spelling of each address, to find duplicates. */
export function sameUrl(url: string): string {
  if (/^\.\.?\//.test(url)) return `./${normalize(url)}`;
  try {
    const parsed = new URL(url);
    parsed.hash = "";
    return parsed.href;
  } catch {
    // Not a valid URL: compared as it is, and rejected for its form.
    return url;
  }
}

function localProblem(url: string): string | undefined {
  const problem = pathProblem(url);
  if (problem === undefined) return url.endsWith("/") ? "it names a folder" : undefined;
  return `${problem}, and "./…" is a file of the project (any other file is written file:///…)`;
}

function urlProblem(url: string, scheme: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The URL parser says only that it is invalid.
    return "it is not a valid URL";
  }
  if (parsed.username || parsed.password) {
    return "it contains a user name or password, which would end up in the repository";
  }
  if (scheme === "file:") {
    return parsed.host === "" ? undefined : 'a file on this machine is written "file:///…"';
  }
  if (scheme === "https:" || isLoopback(parsed.hostname)) return undefined;
  const safe = url.replace(/^http:/i, "https:");
  return `http: can be tampered with, so it is only allowed for this machine (127.0.0.1, localhost), use ${safe}`;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host);
}
