/** The script for zsh, from the table of verbs. */

import { type Context, isAssignment, isWords, takesNextWord } from "./table.ts";
import type { Flag, Takes } from "../types.ts";

/** The whole script. */
export function zshScript(contexts: readonly Context[], version: string): string {
  return `#compdef assay
# Completion of assay ${version} for zsh: source <(assay completions zsh), or a file _assay in $fpath

${logic}
_assay() {
  local curcontext="$curcontext" state line context ret=1
  local -a assay_words=("\${(@Q)words[2,CURRENT-1]}")
${blockOf(contexts, "", "  ")}
  return ret
}

if [[ $funcstack[1] == _assay ]]; then _assay "$@"; else compdef _assay assay; fi
`;
}

const logic = `_assay_names() {
  local -a found names
  local each name about tab=$'\\t'
  for each in "\${(@f)$(assay __complete $1 -- $assay_words 2>/dev/null </dev/null)}"; do
    name=\${each%%$tab*} about=
    [[ -n $name ]] || continue
    [[ $each == *$tab* ]] && about=\${each#*$tab}
    name=\${name//\\\\/\\\\\\\\}
    names+=("$name")
    found+=("\${name//:/\\\\:}:$about")
  done
  if [[ $1 == parameter ]]; then compadd -S '' -- $names; else _describe -V "$1" found; fi
}

_assay_assignment() {
  if compset -P '*='; then _files; else compadd -- "$@"; fi
}
`;

/** The options and arguments of a context, and what follows its words. */
function blockOf(contexts: readonly Context[], path: string, indent: string): string {
  const here = contexts.find((each) => each.path === path)!;
  const { flags, words, takes = [], more, rest } = here;
  const specs = [
    ...flags.map(optionSpec),
    ...words ? ["1: :->words", "*:: :->more"] : [],
    ...takes.map((each, index) => `${index + 1}:${nameOf(each)}:${action(each)}`),
    ...more ? [`*:${nameOf(more)}:${action(more)}`] : [],
    ...rest ? ["(-)1:command: _command_names -e", "*::arguments: _normal"] : [],
  ];
  const call = `_arguments${words ? " -C -A '-*'" : ""}${rest ? " -S" : ""}`;
  const lines = [
    `${call} ${specs.map((spec) => `\\\n${indent}  ${quoted(spec)}`).join(" ")} && ret=0`,
  ];
  if (words) {
    const inner = words.map(({ word }) => path === "" ? word : `${path} ${word}`);
    lines.push(
      "case $state in",
      "words)",
      `  local -a parts=(${
        words.map(({ word, text }) => `\n${indent}    ${quoted(`${word}:${text}`)}`).join("")
      }\n${indent}  )`,
      "  _describe -V part parts && ret=0",
      "  ;;",
      "more)",
      "  case $line[1] in",
      ...inner.flatMap((each) => [
        `  ${each.split(" ").at(-1)})`,
        blockOf(contexts, each, `${indent}    `).slice(indent.length),
        "    ;;",
      ]),
      "  esac",
      "  ;;",
      "esac",
    );
  }
  return lines.map((line) => `${indent}${line}`).join("\n");
}

function optionSpec(flag: Flag): string {
  const { name, type, text, takes = "text" } = flag;
  const often = type === "list" || type === "optional" ? "*" : "";
  const head = `${often}--${name}`;
  const said = `[${text.replaceAll(/[[\]\\]/g, "\\$&")}]`;
  if (type === "boolean") return head + said;
  const value = `${nameOf(takes)}:${action(takes)}`;
  return takesNextWord(flag) ? `${head}=${said}:${value}` : `${head}=-${said}::${value}`;
}

function nameOf(takes: Takes): string {
  return typeof takes === "string" ? takes : "value";
}

function action(takes: Takes): string {
  if (isWords(takes)) return `(${takes.join(" ")})`;
  if (isAssignment(takes)) return `_assay_assignment ${takes.name.join(" ")}`;
  switch (takes) {
    case "file":
      return "_files";
    case "folder":
      return "_files -/";
    case "program":
      return "_normal";
    case "text":
      return " ";
    default:
      // After a space: _arguments adds nothing between the function and its word.
      return ` _assay_names ${takes}`;
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
