# sh -c TEXT sh OWN SETPRIV UNSHARE ARGV...: makes limits effective on this machine, then runs ARGV.
#
# Root can raise limits while it has CAP_SYS_RESOURCE (bit 24), so that is dropped if present. Inside other engines it
# is already gone and cannot be dropped. If unknown, it counts as present.
#
# If OWN is `own`, the command gets a user namespace where that is allowed: the kernel then counts only its processes,
# not all of the user's.
own=$1 setpriv=$2 unshare=$3; shift 3
held=1000000
while read -r key value; do
  case $key in CapPrm:) held=$value ;; esac
done </proc/self/status
case $held in
  *[13579bdf]??????) set -- "$setpriv" --bounding-set=-sys_resource --inh-caps=-sys_resource "$@" ;;
esac
if [ "$own" = own ] && "$unshare" --user --map-current-user /bin/sh -c : 2>/dev/null; then
  set -- "$unshare" --user --map-current-user "$@"
fi
exec "$@"
