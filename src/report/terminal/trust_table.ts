/** What code of plugins would run, for people who are to consent to it. */

import type { TrustOutput } from "../../schema/plugins.ts";
import { grantedText, isolationText } from "./_plugin_words.ts";
import { clean } from "../../text/clean.ts";
import { type Look, styles } from "./style.ts";
import { paragraph, table } from "./table.ts";

const states = {
  trusted: "Trusted.",
  not_trusted: "Not trusted: nothing of it is loaded.",
  not_needed:
    "Nothing here needs trust: no plugin is granted anything or runs outside of a worker.",
} as const;

/** Every plugin with what it may do and what it is made of; then whether it is trusted. */
export function trustTable(output: TrustOutput, look: Look): string {
  const { plugins, state, changes, digest, file } = output;
  return [
    ...plugins.map((plugin) => pluginText(plugin, look)),
    paragraph(states[state], look) +
    changes.map((line) => paragraph(clean(`changed since: ${line}`), look, { indent: 2 })).join(
      "",
    ) +
    (state === "not_needed" || plugins.some(({ problem }) => problem !== null)
      ? ""
      : `digest ${digest}\n`) +
    (state === "trusted" ? `remembered in ${clean(file)}\n` : ""),
  ].join("\n");
}

function pluginText(
  { url, isolation, permissions, files, pinned, problem }: TrustOutput["plugins"][number],
  look: Look,
): string {
  const style = styles(look.color);
  const isOpen = isolation === "none" || Object.keys(permissions).length > 0;
  const hashed = [...files, ...pinned ?? []].map((each) =>
    [
      { text: "module", paint: style.dim },
      `${each.sha256.slice(0, 12)} ${clean(each.url)}`,
    ] as const
  );
  const isRemote = !/^(?:\.{0,2}\/|file:|data:)/.test(url);
  const rows = [
    ["runs in", isolationText(isolation)],
    ["granted", grantedText(isolation, permissions)],
    ...problem === null ? [] : [["problem", problem] as const],
    ...pinned === null && isRemote
      ? [
        [
          "pinned",
          "not yet: its first use fetches and pins what is there then, which changes the digest",
        ] as const,
      ]
      : [],
  ] as const;
  const cells = rows.map(([name, text]) =>
    [{ text: name, paint: style.dim }, clean(text)] as const
  );
  return paragraph(clean(url), look, { paint: isOpen ? style.yellow : style.bold }) +
    table([...cells, ...hashed], { ...look, indent: 2 });
}
