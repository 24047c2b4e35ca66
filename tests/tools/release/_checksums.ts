/** `SHA256SUMS`, as `sha256sum --check` reads it. */

/** The text for files of a folder, by name. */
export async function checksums(folder: string, names: readonly string[]): Promise<string> {
  const lines = await Promise.all(
    names.toSorted().map(async (name) => {
      const bytes = await Deno.readFile(`${folder}/${name}`);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
      return `${digest.toHex()}  ${name}\n`;
    }),
  );
  return lines.join("");
}
