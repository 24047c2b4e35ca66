/** The licences of what is bundled: they ask that their text goes with every copy. */

import type { BundledPackage } from "./_contents.ts";

/** The text of `THIRD_PARTY_NOTICES.txt`. */
export function notices(packages: readonly BundledPackage[]): string {
  const head = "assay holds modules of these packages from npm, under the licences that follow.\n";
  const each = packages.map(({ name, version, licence, licenceText }) => {
    const title = `${name} ${version} (${licence})`;
    return `\n${title}\n${"-".repeat(title.length)}\n\n${licenceText.replaceAll("\r\n", "\n")}\n`;
  });
  return head + each.join("");
}
