#!/usr/bin/env bash
# The table of the SpectralMamba paper on the data sets that lie in SPECTILE_DATA: pixel and patch variant, overall and
# average accuracy and kappa of the test pixels, mean and scatter over the definitions' seeds.
#
#   SPECTILE_DATA=/path/to/data pipelines/trainings/paper_table.sh [SPECTILE [OUT [OPTIONS OF TRAIN...]]]
#
# What is finished under OUT is not trained again.
set -euo pipefail
spectile=${1:-build/release/spectile} out=$(realpath -m "${2:-results}")
shift $(($# < 2 ? $# : 2))
folder=$(dirname "$(realpath "$0")")
mkdir -p "$out"
printf '%-12s %-6s %-18s %-18s %-18s\n' data variant overall average kappa
for set in houston2013 longkou botswana augsburg; do
  if [ ! -e "$SPECTILE_DATA/$set/scene.tif" ]; then
    echo "$set: there is no $SPECTILE_DATA/$set/scene.tif" >&2
    continue
  fi
  for patch in 1 3; do
    "$spectile" train "$folder/$set.yaml" --overwrite -q --set "output=$out/$set-$patch" \
      --set "parameters.patch_size=$patch" "$@" > "$out/$set-$patch.txt"
    awk -v set="$set" -v variant="$([ "$patch" = 1 ] && echo pixel || echo patch)" '
      /^test  / {inside = 1}
      inside && /^overall accuracy / {overall = $3 " ± " $4}
      inside && /^average accuracy / {average = $3 " ± " $4}
      inside && /^kappa / {kappa = $2 " ± " $3}
      END {printf "%-12s %-6s %-19s %-19s %-19s\n", set, variant, overall, average, kappa}' "$out/$set-$patch.txt"
  done
done
