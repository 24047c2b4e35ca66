/** Names of source files as reports write them, made relative to the project. */

import { isAbsolute, join, normalize } from "@std/path";
import { oneLine } from "./_text_clean.ts";

/** Where relative names start, and what is stripped: both absolute paths. */
export interface Places {
  readonly root: string;
  readonly cwd: string;
}

const scheme = /^[a-z][a-z0-9+.-]+:(?![\\/]?$)/i;
const drive = /^[a-z]:[\\/]/i;
const relativeName = /^[^./\\:][^\\:]*$/;
const absoluteName = /^\/[^\\]*$/;
/** A part that is empty, `.` or `..`, before a slash or at the end. */
const odd = /\/(?:\.{0,2})(?:\/|$)/;

/**
 * The file as named in evidence: relative to the root with `/` if it is inside, else absolute.
 * `file:` URLs are paths; other URLs (`https:`, `node:`) stay as they are.
 *
 * @param file an absolute path, a path relative to `cwd`, or a URL
 */
export function sourceFile(file: string, places: Places): string;
export function sourceFile(file: string | undefined, places: Places): string | undefined;
export function sourceFile(file: string | undefined, places: Places): string | undefined {
  if (!file) return file;
  const name = oneLine(file.trim());
  if (!odd.test(name)) {
    if (places.cwd === places.root && relativeName.test(name)) return name;
    if (absoluteName.test(name)) return withoutRoot(name, places.root);
  }
  if (name.startsWith("file:")) return insideRoot(pathOfUrl(name), slashed(places.root));
  if (drive.test(name)) return insideRoot(name.replaceAll("\\", "/"), slashed(places.root));
  if (scheme.test(name)) return name;
  const path = /^[^/]*\\/.test(name) ? name.replaceAll("\\", "/") : name;
  return insideRoot(isAbsolute(path) ? path : join(places.cwd, path), places.root);
}

/** Whether `node --test` runs a file of that name: it names a file after itself if that shows no test. */
export function namesScript(name: string): boolean {
  return /[^/\\]\.[cm]?[jt]sx?$/.test(name);
}

/** Like {@linkcode sourceFile} for one report, whose tests name the same file again and again. */
export function sourceFiles(places: Places): (file: string) => string {
  let lastName = "";
  let lastFile = "";
  return (name) => {
    if (name !== lastName) {
      lastFile = sourceFile(name, places);
      lastName = name;
    }
    return lastFile;
  };
}

function insideRoot(path: string, root: string): string {
  return withoutRoot(normalize(path), root);
}

function withoutRoot(file: string, root: string): string {
  const prefix = root.endsWith("/") ? root : `${root}/`;
  return file.startsWith(prefix) ? file.slice(prefix.length) : file;
}

function slashed(path: string): string {
  return drive.test(path) ? path.replaceAll("\\", "/") : path;
}

function pathOfUrl(url: string): string {
  const path = url.replace(/^file:(?:\/\/[^/]*)?/, "").replace(/[?#].*$/, "");
  const decoded = decode(path);
  return /^\/[a-z]:\//i.test(decoded) ? decoded.slice(1) : decoded;
}

function decode(path: string): string {
  try {
    return oneLine(decodeURIComponent(path));
  } catch {
    // Not percent-encoded after all: a `%` is valid in a file name.
    return path;
  }
}
