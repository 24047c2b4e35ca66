/**
 * The program as one file: one URL to pin, one hash to compare. The same sources as the bundle's, without
 * splitting: all of it is read at each start, so what is large and seldom used is kept compressed.
 *
 * @module
 */

import { deflateRawSync } from "node:zlib";
import { denoBundle, withoutNodeModule } from "./bundle.ts";
import { packagesFolder, withPackageNames } from "./_bundle_packages.ts";

const root = new URL("../../", import.meta.url).pathname;

/** Writes the program to `path`, an absolute path. */
export async function bundleSingle(path: string): Promise<void> {
  await denoBundle(["--output", path, "src/main.ts"]);
  const text = withPackageNames(await Deno.readTextFile(path), await packagesFolder(root));
  await Deno.writeTextFile(path, withSmallWasm(withoutNodeModule(text)));
}

/**
 * The library that takes types out of plugins holds 2.8 MB of WebAssembly as text. As text every start pays
 * for it; compressed, the first plugin that is built pays 15 ms.
 */
function withSmallWasm(text: string): string {
  return text.replaceAll(
    /(\w+\.from\()\s*"([\w+/=]{100000,})",\s*"base64"\s*\)/g,
    (_, from, base64) => {
      const small = deflateRawSync(Uint8Array.fromBase64(base64), { level: 9 }).toString("base64");
      const inflate = 'globalThis.process.getBuiltinModule("node:zlib").inflateRawSync';
      return `${inflate}(${from}"${small}", "base64"))`;
    },
  );
}
