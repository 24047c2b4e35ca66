# Tells which machine this is, and where in it: what a probe said holds there alone. `$0` is `readlink`.
#
# assay itself must not read /proc with the permissions it is given, a shell may. A container or sandbox shares the
# boot id with its host and may share the cache, but not all of the rest.

IFS= read -r boot </proc/sys/kernel/random/boot_id && printf '%s\n' "$boot" &&
while IFS= read -r line; do
  case $line in Uid:* | Gid:* | CapEff:* | NoNewPrivs:* | Seccomp*) printf '%s\n' "$line" ;; esac
done </proc/self/status &&
exec "$0" /proc/self/ns/user /proc/self/ns/mnt /proc/self/ns/pid /proc/self/ns/net
