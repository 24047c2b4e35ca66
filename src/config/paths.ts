/** Paths and globs in the configuration; symbolic links are checked where a path is used. */

/** Why a path does not stay inside the project, or nothing. Placeholders count as names. */
export function pathProblem(path: string): string | undefined {
  if (path.trim() === "") return "it is empty";
  if (path.includes("\0")) return "it contains a NUL character";
  if (/^(?:[/\\]|[A-Za-z]:)/.test(path)) {
    return "it is absolute";
  }
  let depth = 0;
  for (const part of path.split(/[/\\]/)) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return "it leads outside the project";
  }
  return undefined;
}

/** Why a glob cannot be used, or nothing. */
export function globProblem(glob: string): string | undefined {
  if (glob.startsWith("!")) return "a glob cannot be negated";
  const parts = glob.split(/[/\\]/);
  // Each additional star multiplies the time a hostile name takes to reject.
  if (parts.some((part) => part !== "**" && part.split("*").length > 4)) {
    return "a part between two / can have at most 3 *";
  }
  if (parts.filter((part) => part === "**").length > 3) return "it can have at most 3 **";
  return pathProblem(glob);
}

/** Which files match the globs of a runner's `files`: paths relative to the root; the globs were checked. */
export async function chooseFiles(globs: readonly string[]): Promise<(path: string) => boolean> {
  const { default: zeptomatch } = await import("zeptomatch");
  const patterns = (chosen: readonly string[]) =>
    chosen.map((glob) => zeptomatch.compile(anywhere(glob)));
  const wanted = patterns(globs.filter((glob) => !glob.startsWith("!")));
  const unwanted = patterns(
    globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1)),
  );
  return (path) =>
    (wanted.length === 0 || wanted.some((pattern) => pattern.test(path))) &&
    !unwanted.some((pattern) => pattern.test(path));
}

/** A glob without a slash matches names in any folder, as in `.gitignore`; a folder's name matches all it contains. */
function anywhere(glob: string): string {
  const plain = glob.replace(/^(?:\.\/)+/, "");
  if (plain.endsWith("/")) return `${plain}**`;
  return plain.includes("/") ? plain : `**/${plain}`;
}
