/** Paths as text. */

/** Whether a path is a folder or is inside it; both absolute and normalised. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

/** The folder of an absolute path. `dirname` takes a backslash in a name for a slash. */
export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
