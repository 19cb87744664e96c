#!/usr/bin/env bash
# Maps what is new in a folder, each scene once, and says what came of it; called by all recipes beside it.
#   new_scenes.sh PIPELINE RESULTS [options of spectile run]
# PIPELINE names the folder's scenes by a pattern (`scenes: inbox/*.tif`), RESULTS is the table of what was done. A scene
# that failed is tried again; one that is being copied fails until it is whole. Two calls at once: the second ends.
# Exit status: that of spectile; 0 where nothing is new or another call is at it.
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: new_scenes.sh PIPELINE RESULTS [options of spectile run]" >&2
  exit 64
fi
pipeline=$1 results=$2
shift 2
exec 9> "$results.lock"
flock --nonblock 9 || exit 0
exec "${SPECTILE:-spectile}" run "$pipeline" --results "$results" --only open "$@"
