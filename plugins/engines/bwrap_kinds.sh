# sh -c TEXT sh COUNT PATH...: prints what each path is: link, folder, file or missing.
#
# The first COUNT paths must not be reached by links either.
straight=$1; shift
for path; do
  folder=${path%/*}
  if [ -L "$path" ]; then echo link
  elif [ "$straight" -gt 0 ] && real=$(CDPATH= cd -P -- "$folder/" 2>/dev/null && pwd -P) &&
    [ "${real%/}" != "$folder" ]; then echo link
  elif [ -d "$path" ]; then echo folder
  elif [ -e "$path" ]; then echo file
  else echo missing
  fi
  straight=$((straight - 1))
done
