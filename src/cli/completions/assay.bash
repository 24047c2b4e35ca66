# Completion of assay for bash, 3.2 and later, without bash-completion: source <(assay completions bash)

# What is typed up to the cursor, not broken at ":" and "=" as COMP_WORDS are.
_assay_words() {
  local line=${COMP_LINE:0:COMP_POINT} tail word i
  words=() n=0
  for ((i = 0; i <= COMP_CWORD; i++)); do
    tail=${line#"${line%%[![:space:]]*}"}
    word=${COMP_WORDS[i]}
    ((i == COMP_CWORD)) && word=$tail
    if ((i > 0)) && [[ $tail == "$line" ]]; then
      words[n - 1]+=$word
    else
      words[n]=$word
      n=$((n + 1))
    fi
    line=${tail#"$word"}
  done
}

_assay_option() {
  type compopt >/dev/null 2>&1 && compopt -o "$1"
}

# Offers a name if it begins as typed, quoted as the open quote asks.
_assay_offer() {
  local each=$1 tick='`'
  [[ $each == "$cur"* ]] || return
  [[ $each == *= ]] && _assay_option nospace
  case $quote in
    "'") ;;
    '"') each=${each//\\/\\\\} each=${each//\"/\\\"} each=${each//\$/\\\$} each=${each//$tick/\\$tick} ;;
    *) printf -v each %q "$each" && each=$head$each ;;
  esac
  COMPREPLY+=("${each#"$strip"}")
}

_assay() {
  local words n cur quote kind= head= strip= breaks= program=assay line full
  COMPREPLY=()
  _assay_words
  cur=${words[n - 1]}
  quote=${cur//[^\"\']/} quote=${quote:0:1}
  words=("${words[@]//[\"\'\\]/}")
  [[ ${words[0]} == */* ]] && program=${words[0]}
  {
    IFS= read -r kind && IFS= read -r head
    cur=${words[n - 1]#"$head"}
    # Readline keeps what is before the last break of the word.
    for line in : = @; do
      [[ $COMP_WORDBREAKS == *"$line"* ]] && breaks+=$line
    done
    if [[ ! $quote && $breaks && $head$cur == *["$breaks"]* ]]; then
      full=$head$cur
      strip=${full%"${full##*["$breaks"]}"}
      [[ ${strip: -1} == @ ]] && strip=${strip%@}
    fi
    while IFS= read -r line; do _assay_offer "${line%%$'\t'*}"; done
  } < <("$program" __complete -- "${words[@]:1}" 2>/dev/null </dev/null)
  case $kind in
    file) _assay_option default ;;
    folder) _assay_option dirnames ;;
    program)
      if [[ ${words[n - 2]} == -- ]]; then
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -c -- "$cur")
      else
        _assay_option default
      fi
      ;;
  esac
}
complete -F _assay assay
