# sh -c TEXT FILTER BEGIN ARGV...: closes what assay itself inherited, then does BEGIN, which starts ARGV.
#
# A descriptor of a folder outside leads out of every sandbox. The shell of Debian can close those of one digit alone,
# and Bash is always there.
assay_begin=$1; shift
assay_more=
for assay_fd in /proc/self/fd/[0-9]*; do
  case ${assay_fd##*/} in
    [012]) ;;
    [3-9]) eval "exec ${assay_fd##*/}<&-" ;;
    *) assay_more="$assay_more ${assay_fd##*/}<&-" ;;
  esac
done
if [ -n "$assay_more" ] && ! (eval "exec$assay_more") 2>/dev/null; then
  exec /bin/bash -p -c "exec$assay_more;$assay_begin" "$0" "$@"
fi
eval "exec$assay_more"
eval "$assay_begin"
