# Sourced by the scripts that train on the project's data, called as SCRIPT SPECTILE OUT [options of train ...]:
# sets spectile, here (the script's folder) and out (made, absolute); the options are left in "$@".
set -eu
spectile=$1 out=$2
shift 2
: "${SPECTILE_DATA:?names the folder of the data}"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
