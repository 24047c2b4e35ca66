# sh -c TEXT sh FOLDER: tries five kinds of changes in two folders of FOLDER; prints those that worked, one line per
# folder. A failed redirection of `:` would end the shell; one of `true` does not.
cd "$1" || exit
try() {
  done=
  true > "$1/new" && done="$done create"
  echo x >> "$1/old" && done="$done append"
  true > "$1/old" && done="$done truncate"
  chmod 600 "$1/old" && done="$done chmod"
  rm "$1/old" && done="$done remove"
  echo "$done"
}
{ in=$(try in); out=$(try out); } 2>/dev/null
echo "$in"; echo "$out"
