/**
 * The names of a bundle's chunks. The bundler puts a hash into them of, among other things, where the
 * sources lay. Here the hash is that of the chunk's text and of the chunks it names, and of nothing else.
 *
 * @module
 */

const hashedName = /-[0-9A-Z]{8}\.js$/;

/** Renames every file but `entries`, also where texts name them. */
export async function stableNames(
  texts: ReadonlyMap<string, string>,
  entries: readonly string[],
): Promise<Map<string, string>> {
  const old = [...texts.keys()].filter((name) => !entries.includes(name));
  const stem = new Map(old.map((name) => [name, name.replace(hashedName, "")]));
  // A chunk is identified by its text, then by those of the chunks it names, and by theirs.
  let names = new Map(old.map((name) => [name, stem.get(name)!]));
  for (let round = 0; round < 4; round++) {
    const next = new Map<string, string>();
    for (const name of old) {
      next.set(name, `${stem.get(name)}-${await hash(renamed(texts.get(name)!, names))}.js`);
    }
    names = next;
  }
  if (new Set(names.values()).size !== old.length) {
    throw new Error("two chunks cannot be distinguished");
  }
  const nameOf = (name: string) => names.get(name) ?? name;
  return new Map(Array.from(texts, ([name, text]) => [nameOf(name), renamed(text, names)]));
}

function renamed(text: string, names: ReadonlyMap<string, string>): string {
  return text.replaceAll(/"\.\/([\w.-]+\.js)"/g, (whole, name) => {
    const to = names.get(name);
    return to === undefined ? whole : `"./${to}"`;
  });
}

async function hash(text: string): Promise<string> {
  const bytes = new Uint8Array(
    await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)),
  );
  return bytes.toHex().slice(0, 8).toUpperCase();
}
