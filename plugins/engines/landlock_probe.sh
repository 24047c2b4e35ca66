# sh -c TEXT sh FOLDER: tries to change what is in two folders of FOLDER, five ways in each; prints, a line for each
# folder, which were done. The first redirection of `:` that fails would end the shell, so `true` is used.
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
