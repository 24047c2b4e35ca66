/**
 * The declarations of `src/plugin.ts` and what it imports. These files hold types and hardly anything else,
 * so a declaration file is the same text without bodies and values.
 *
 * @module
 */

import { projectRoot } from "../../support.ts";

/** Writes `plugin.d.ts` and the files it needs into `folder`. */
export async function writePluginTypes(folder: string): Promise<void> {
  const seen = new Set<string>();
  const open = ["plugin.ts"];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = await Deno.readTextFile(`${projectRoot}src/${file}`);
    for (const [, to] of text.matchAll(/ from "(\.[^"]+)";$/gm)) {
      open.push(new URL(to!, `file:///${file}`).pathname.slice(1));
    }
    const path = `${folder}/${file.replace(/\.ts$/, ".d.ts")}`;
    await Deno.mkdir(path.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(path, declarations(text));
  }
}

function declarations(text: string): string {
  return text
    .replaceAll(/( from "\.[^"]+)\.ts";$/gm, '$1.js";')
    .replaceAll(/^export function (.+) \{$[^]*?^\}$/gm, "export declare function $1;")
    .replaceAll(
      /^export const (\w+) = (\[[^]*?\]) as const;$/gm,
      "export declare const $1: readonly $2;",
    )
    .replaceAll(/^export const (\w+: [^=]+?) = [^]*?;$/gm, "export declare const $1;");
}
