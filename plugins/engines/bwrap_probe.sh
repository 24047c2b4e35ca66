# What bwrap's probe does, outside and inside a sandbox. It needs nothing but a shell.
#
# sh -c TEXT sh outside FILTER BWRAP: creates a folder for the acts, with FILTER (in printf's format) in it; prints the
#   folder, a process id and the namespaces outside, and bwrap's version, one per line; then runs the acts.
# sh -c TEXT sh inside FOLDER PID NET PIDS: runs the acts.
#
# Prints a line for each act: whether it worked, its dimension, whether it must work inside, and what is wrong if the
# result is not the expected one. Outside, all must work.
PATH=/usr/bin:/bin:/run/current-system/sw/bin

if [ "$1" = outside ]; then
  d=$(mktemp -d "${TMPDIR:-/tmp}/assay-probe.XXXXXX") && d=$(cd "$d" && pwd -P) && cd "$d" || exit 1
  mkdir -p ws/.assay/live ws/own tmp writable hidden/open memory outside
  for file in file hidden/secret hidden/open/shown memory/old; do echo text > $file; done
  printf "$2" > bwrap.seccomp
  pid=$PPID net=$(readlink /proc/self/ns/net) pids=$(readlink /proc/self/ns/pid)
  printf '%s\n' "$d" "$pid" "$net" "$pids" "$("$3" --version)"
else
  d=$2 pid=$3 net=$4 pids=$5
fi

sees() { read -r line < "$d/$1"; }
writes() { : > "$d/$1"; }
act() {
  if (eval "$4") >/dev/null 2>&1; then echo "yes $1 $2 $3"; else echo "no $1 $2 $3"; fi
}

act network no "the command stays in the machine's network" '[ "$(readlink /proc/self/ns/net)" = "$net" ]'
# The probe's filter also blocks this call: a shell can make it, but cannot open sockets.
act network no 'the filter of system calls is not in force' 'chmod 700 "$d/ws/own"'
act filesystem no 'a file outside can be written' 'writes outside/new'
act filesystem no 'a file in .assay can be written' 'writes ws/.assay/new'
act filesystem yes 'a file in the workspace cannot be written' \
  'writes ws/new && writes ws/.assay/live/new && writes tmp/new'
act paths_writable yes 'a file in a writable path cannot be written' 'writes writable/new'
act paths_writable no 'a file next to a writable path can be written' 'writes writable/../outside/other'
act paths_hidden no 'a hidden file can be read' 'sees hidden/secret || sees file'
act paths_readable yes 'a readable path in a hidden one cannot be read' 'sees hidden/open/shown'
act paths_readable no 'a readable path in a hidden one can be written' 'writes hidden/open/new'
act tmpfs no 'the folder is not empty' 'sees memory/old'
act tmpfs yes 'the folder cannot be written' 'writes memory/new'
# A low number may also be a process inside.
act processes no 'a process outside can be signalled' \
  '[ "$(readlink /proc/self/ns/pid)" = "$pids" ] || { [ "$pid" -gt 99 ] && kill -0 "$pid"; }'
