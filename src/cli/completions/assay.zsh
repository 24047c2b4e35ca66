#compdef assay
# Completion of assay for zsh: source <(assay completions zsh), or a file _assay in $fpath

_assay() {
  local each name kind head tab=$'\t'
  local -a answer found
  answer=("${(@f)$(assay __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
  kind=$answer[1] head=$answer[2]
  compset -p $#head
  case $kind in
    file) _files ;;
    folder) _files -/ ;;
    program)
      local -i at=${words[(i)--]}
      shift $at words
      (( CURRENT -= at ))
      _normal
      ;;
    words)
      for each in "${(@)answer[3,-1]}"; do
        name=${each%%$tab*}
        [[ $name == *= ]] && { compadd -S '' -- $name; continue; }
        name=${name//\\/\\\\}
        found+=("${name//:/\\:}:${${each#$name}#*$tab}")
      done
      _describe -V assay found
      ;;
  esac
}

if [[ $funcstack[1] == _assay ]]; then _assay "$@"; else compdef _assay assay; fi
