/**
 * Modules that assay itself puts into every graph: the author's helper `@assay/assay/plugin`, and `node:fs`
 * as it is lent.
 */

/** A module of assay's own: its file's name in the graph, and its text. */
export interface Builtin {
  readonly file: string;
  readonly code: string;
  readonly exports: readonly string[];
  /** Others that it imports. */
  readonly needs?: readonly Builtin[];
  /** Modules of Node's that it imports. */
  readonly node?: readonly string[];
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

const asynchronous = [
  "access",
  "appendFile",
  "copyFile",
  "lstat",
  "mkdir",
  "mkdtemp",
  "readFile",
  "readdir",
  "readlink",
  "realpath",
  "rename",
  "rm",
  "rmdir",
  "stat",
  "symlink",
  "truncate",
  "unlink",
  "utimes",
  "writeFile",
];

/**
 * `node:fs` takes a number for an open file, and 0, 1 and 2 are assay's own standard streams, which no
 * permission guards. Here the first argument must be a path, and what takes an open file in its options
 * (streams) is not there.
 */
const pathFirst = `import { fileURLToPath } from "node:url";
const pathOf = (name, path) => {
  if (typeof path === "string") return path;
  if (path instanceof URL) return \`\${fileURLToPath(path.href)}\`;
  throw new TypeError(\`\${name}: a plugin names files by path or URL alone\`);
};
const lent = (real, name) => (path, ...rest) => real[name](pathOf(name, path), ...rest);
`;

const lend = (names: readonly string[]): string =>
  names.map((name) => `export const ${name} = lent(real, "${name}");\n`).join("");

/** `node:fs/promises` without open files. */
const lentFsPromises: Builtin = {
  file: "assay_fs_promises.js",
  code: `import * as real from "node:fs/promises";\n${pathFirst}${lend(asynchronous)}` +
    `export { constants } from "node:fs";\n` +
    `export default { ${asynchronous.join(", ")} };\n`,
  exports: [...asynchronous, "constants", "default"],
  node: ["node:fs", "node:fs/promises", "node:url"],
};

const synchronous = [...asynchronous, "exists"].map((name) => `${name}Sync`);

/** `node:fs` without open files and streams. */
const lentFs: Builtin = {
  file: "assay_fs.js",
  code: `import * as real from "node:fs";\nimport promises from "./${lentFsPromises.file}";\n` +
    `${pathFirst}${lend([...asynchronous, ...synchronous])}` +
    `export { constants } from "node:fs";\nimport { constants } from "node:fs";\n` +
    `export { promises };\n` +
    `export default { constants, promises, ${[...asynchronous, ...synchronous].join(", ")} };\n`,
  exports: [...asynchronous, ...synchronous, "constants", "default", "promises"],
  needs: [lentFsPromises],
  node: ["node:fs", "node:fs/promises", "node:url"],
};

/** Modules of Node's that are lent as modules of assay's own. */
export const lentNodeModules: Readonly<Record<string, Builtin>> = {
  fs: lentFs,
  "fs/promises": lentFsPromises,
};
