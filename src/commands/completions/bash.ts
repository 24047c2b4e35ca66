/** The script for bash, from the table of verbs. It asks nothing of bash-completion, and runs on bash 3.2. */

import { type Context, isAssignment, isWords, quoted, takesNextWord } from "./table.ts";
import type { Takes } from "../types.ts";

/** The whole script. */
export function bashScript(contexts: readonly Context[], version: string): string {
  return `# Completion of assay ${version} for bash: source <(assay completions bash)

# What may stand at a place: sets \`kind\` and \`list\`.
_assay_at() {
  kind= list=()
  case "$1" in
${casesOf(contexts)}
    *) return 1 ;;
  esac
}

${logic}
complete -F _assay assay
`;
}

/** A branch for each thing that can be offered, with all the places it is offered at. */
function casesOf(contexts: readonly Context[]): string {
  const places = new Map<string, string[]>();
  const add = (place: string, act: string) => places.set(act, [...places.get(act) ?? [], place]);
  for (const { path, flags, words, takes = [], more, rest } of contexts) {
    if (path !== "") add(`is ${path}`, "kind=context");
    add(
      `${path} --`,
      list("words", flags.map((flag) => `--${flag.name}${takesNextWord(flag) ? "=" : ""}`)),
    );
    for (const flag of flags) {
      if (flag.type === "boolean") continue;
      add(`${path} --${flag.name}${takesNextWord(flag) ? "" : "="}`, act(flag.takes ?? "text"));
    }
    if (words) add(`${path} 1`, list("words", words.map(({ word }) => word)));
    takes.forEach((each, index) => add(`${path} ${index + 1}`, act(each)));
    if (more) add(`${path} +`, act(more));
    if (rest) add(`${path} ++`, act(rest));
  }
  return [...places].map(([what, all]) =>
    `    ${all.map((place) => `'${place}'`).join(" | \\\n      ")}) ${what} ;;`
  ).join("\n");
}

function act(takes: Takes): string {
  if (isWords(takes)) return list("words", takes);
  if (isAssignment(takes)) return list("assignment", takes.name);
  return `kind=${takes}`;
}

function list(kind: string, words: readonly string[]): string {
  return `kind=${kind} list=(${words.map(quoted).join(" ")})`;
}

const logic = String.raw`
# What is typed: the words before the cursor, not broken at ":" and "=" as COMP_WORDS are.
_assay_words() {
  local line=\${COMP_LINE:0:COMP_POINT} tail word i
  words=() n=0
  for ((i = 0; i <= COMP_CWORD; i++)); do
    tail=\${line#"\${line%%[![:space:]]*}"}
    word=\${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$tail
    if ((i > 0)) && [[ $tail == "$line" ]]; then
      words[n - 1]+=$word
    else
      words[n]=$word
      n=$((n + 1))
    fi
    line=\${tail#"$word"}
  done
}

# Which verb and part the words before the cursor lead to: sets context, place, option.
_assay_walk() {
  local i word plain
  context= place=1 option=
  before=()
  for ((i = 1; i < n - 1; i++)); do
    word=\${words[i]} plain=\${words[i]//[\"\'\\]/}
    before+=("$plain")
    if [[ $option ]]; then
      option=
      continue
    fi
    case $plain in
      --) place=++ && return ;;
      --*=*) ;;
      --*) _assay_at "$context $plain" && option=$plain ;;
      -?*) ;;
      *)
        if _assay_at "is \${context:+$context }$plain"; then
          context="\${context:+$context }$plain" place=1
        else
          place=$((place + 1))
        fi
        ;;
    esac
  done
}

_assay_names() {
  local program=\${COMP_WORDS[0]} line
  while IFS= read -r line; do
    list+=("\${line%%$'\t'*}")
  done < <(
    case $program in
      */*) "$program" __complete "$kind" -- "\${before[@]}" ;;
      *) assay __complete "$kind" -- "\${before[@]}" ;;
    esac 2>/dev/null </dev/null
  )
}

_assay_option() {
  type compopt >/dev/null 2>&1 && compopt -o "$1"
}

# Offers what of the list begins as typed, quoted as the quote that is open asks.
_assay_offer() {
  local each strip= full breaks= sign
  for sign in : = @; do
    [[ $COMP_WORDBREAKS == *"$sign"* ]] && breaks+=$sign
  done
  # What stands before the last break of the word, readline keeps.
  if [[ ! $quote && $breaks && $head$cur == *["$breaks"]* ]]; then
    full=$head$cur
    strip=\${full%"\${full##*["$breaks"]}"}
    [[ \${strip: -1} == @ ]] && strip=\${strip%@}
  fi
  for each in "\${list[@]}"; do
    [[ $each == "$cur"* ]] || continue
    case $each in
      *=) _assay_option nospace ;;
    esac
    case $quote in
      "'") ;;
      '"') each=\${each//\\/\\\\} each=\${each//\"/\\\"} each=\${each//\$/\\\$} each=\${each//\${_assay_tick}/\\\${_assay_tick}} ;;
      *) printf -v each %q "$each" ;;
    esac
    [[ $quote ]] || each=$head$each
    COMPREPLY+=("\${each#"$strip"}")
  done
}
_assay_tick='\${"\`"}'

_assay() {
  local words before n context place option kind list cur head= quote=
  COMPREPLY=()
  _assay_words
  _assay_walk
  cur=\${words[n - 1]}
  if [[ $option ]]; then
    _assay_at "$context $option"
  elif [[ $place != ++ && $cur == --*=* ]]; then
    option=\${cur%%=*}
    _assay_at "$context $option" || _assay_at "$context $option=" || return 0
    head=$option= cur=\${cur#*=}
  elif [[ $place != ++ && $cur == -* ]]; then
    _assay_at "$context --"
  else
    _assay_at "$context $place" || { [[ $place != ++ ]] && _assay_at "$context +"; } || return 0
  fi
  case $cur in
    [\"\']*) quote=\${cur:0:1} cur=\${cur:1} ;;
    *) cur=\${cur//\\/} ;;
  esac
  if [[ $kind == assignment ]]; then
    if [[ $cur == *=* ]]; then kind=file head+=\${cur%%=*}= cur=\${cur#*=}; else kind=words; fi
  fi
  case $kind in
    text) ;;
    words) _assay_offer ;;
    file) _assay_option default ;;
    folder) _assay_option dirnames ;;
    program)
      if [[ \${before[\${#before[@]} - 1]} == -- ]]; then
        while IFS= read -r option; do COMPREPLY+=("$option"); done < <(compgen -c -- "$cur")
      else
        _assay_option default
      fi
      ;;
    *) _assay_names && _assay_offer ;;
  esac
}
`.replaceAll('\\${"\\`"}', "`").replaceAll("\\${", "${").trimStart();
