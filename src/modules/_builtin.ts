/** The module that assay itself puts into graphs: the author's helper `@assay/assay/plugin`. */

/** A module of assay's own: its file's name in the graph, and its text. */
export interface Builtin {
  readonly file: string;
  readonly code: string;
  readonly exports: readonly string[];
}

/** `@assay/assay/plugin`, from `jsr:`, `npm:` or as a bare name, in any version: the helper is the same. */
export function isPluginHelper(specifier: string): boolean {
  return /^(?:(?:jsr|npm):\/?)?@assay\/assay(?:@[^/]*)?\/plugin$/.test(specifier);
}

/** What `@assay/assay/plugin` is at run time; everything else in it is types. */
export const pluginHelper: Builtin = {
  file: "assay_plugin.js",
  code: "export const definePlugin = (plugin) => plugin;\n",
  exports: ["definePlugin"],
};
