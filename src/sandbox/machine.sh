# Identifies this machine and the container or sandbox: a probe's answer is valid only there. `$0` is `readlink`.
#
# assay's own permissions do not let it read /proc; a shell can. A container or sandbox shares the boot id with its
# host and may share the cache, but not all of the rest.

IFS= read -r boot </proc/sys/kernel/random/boot_id && printf '%s\n' "$boot" &&
while IFS= read -r line; do
  case $line in Uid:* | Gid:* | CapEff:* | NoNewPrivs:* | Seccomp*) printf '%s\n' "$line" ;; esac
done </proc/self/status &&
exec "$0" /proc/self/ns/user /proc/self/ns/mnt /proc/self/ns/pid /proc/self/ns/net
