# sh -c TEXT sh OWN SETPRIV UNSHARE ARGV...: prepares for limits what differs from place to place, then runs ARGV.
#
# Root may raise limits as long as it has CAP_SYS_RESOURCE (bit 24), so that is dropped where it is held. Inside of
# other engines it is gone already, and could not be dropped. If it is not known, it counts as held.
#
# With OWN `own`, the command gets a user namespace where there may be one: the kernel then counts its processes alone
# and not all of the user's.
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
