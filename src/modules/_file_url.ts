/** Paths and `file:` addresses. */

/** The address of an absolute path. */
export function toFileUrl(path: string): string {
  const escaped = path.replaceAll("%", "%25").replaceAll("\\", "%5C").replaceAll("?", "%3F")
    .replaceAll("#", "%23");
  return new URL(`file://${escaped}`).href;
}

/** The path of a `file:` address. */
export function toPath(url: string): string {
  return decodeURIComponent(new URL(url).pathname);
}
