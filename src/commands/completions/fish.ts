/** The script for fish, from the table of verbs. */

import { type Context, isAssignment, isWords, takesNextWord } from "./table.ts";
import type { Flag, Takes } from "../types.ts";

/** The whole script. */
export function fishScript(contexts: readonly Context[], version: string): string {
  const valued = contexts.flatMap(({ path, flags }) =>
    flags.filter(takesNextWord).map(({ name }) => `${path} --${name}`)
  );
  const paths = contexts.map(({ path }) => path).filter((path) => path !== "");
  return `# Completion of assay ${version} for fish: assay completions fish | source

set -g __assay_contexts ${paths.map(quoted).join(" ")}
set -g __assay_valued ${valued.map(quoted).join(" ")}

${logic}
complete -c assay -f
${contexts.flatMap(linesOf).join("\n")}
`;
}

const logic =
  `# Whether the cursor is at a place of a verb or its part: N, N+ (and all after), or -- (after that).
function __assay_at --argument-names wanted place
    set -l context
    set -l count 1
    set -l skip
    for word in (commandline -opc)[2..-1]
        if set -q skip[1]
            set -e skip
            continue
        end
        switch $word
            case --
                set count --
                break
            case '-*'
                if contains -- "$context $word" $__assay_valued
                    set skip 1
                end
            case '*'
                set -l longer (string trim -- "$context $word")
                if contains -- $longer $__assay_contexts
                    set context $longer
                    set count 1
                else
                    set count (math $count + 1)
                end
        end
    end
    test "$context" = "$wanted"; or return 1
    switch $place
        case ''
            test $count != --
        case '*+'
            test $count != --; and test $count -ge (string replace + '' -- $place)
        case '*'
            test $count = $place
    end
end

function __assay_names --argument-names what
    assay __complete $what -- (commandline -opc)[2..-1] 2>/dev/null
end

function __assay_assignment
    set -l word (commandline -ct | string replace -r -- '^--[a-z-]+=' '')
    if string match -q -- '*=*' $word
        set -l name (string split -m 1 = -- $word)
        for file in (__fish_complete_path $name[2])
            echo "$name[1]=$file"
        end
    else
        string join \\n -- $argv
    end
end

function __assay_program
    complete -C (commandline -cp | string replace -r -- '^.*? -- ' '')
end
`;

function linesOf({ path, flags, words, takes = [], more, rest }: Context): string[] {
  const at = (place = "") =>
    `complete -c assay -n ${quoted(`__assay_at ${quoted(path)}${place && ` ${place}`}`)}`;
  return [
    ...flags.map((flag) => `${at()} ${optionOf(flag)}`),
    ...(words ?? []).map(({ word, text }) => `${at("1")} -a ${quoted(word)} -d ${quoted(text)}`),
    ...takes.map((each, index) => `${at(String(index + 1))} ${offerOf(each)}`),
    ...more ? [`${at(`${takes.length + 1}+`)} ${offerOf(more)}`] : [],
    ...rest ? [`${at("--")} -a '(__assay_program)'`] : [],
  ];
}

function optionOf(flag: Flag): string {
  const option = `-l ${flag.name} -d ${quoted(flag.text)}`;
  return takesNextWord(flag) ? `${option} -r ${offerOf(flag.takes ?? "text")}` : option;
}

function offerOf(takes: Takes): string {
  if (isWords(takes)) return `-f -a ${quoted(takes.map(quoted).join(" "))}`;
  if (isAssignment(takes)) return `-f -a ${quoted(`(__assay_assignment ${takes.name.join(" ")})`)}`;
  switch (takes) {
    case "file":
    case "program":
      return "-F";
    case "folder":
      return "-f -a '(__fish_complete_directories)'";
    case "text":
      return "-f";
    default:
      // In the order in which they are told: the newest first.
      return `-f -k -a '(__assay_names ${takes})'`;
  }
}

/** In single quotes of fish, where a backslash means something. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
