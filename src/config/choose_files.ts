/** Which files the globs of a runner's `files` are about. */

/** Chooses among paths relative to the root; the globs were checked. */
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

/** A glob without a slash is of names in any folder, as in `.gitignore`; a folder's name is of all that is in it. */
function anywhere(glob: string): string {
  const plain = glob.replace(/^(?:\.\/)+/, "");
  if (plain.endsWith("/")) return `${plain}**`;
  return plain.includes("/") ? plain : `**/${plain}`;
}
