#!/usr/bin/env bash
# What sharing a run out costs, in CPU seconds of processes that take turns: shards and merge against the local run, for
# a model without overlaps (SpectralMamba) and one with (MiM-ISTD, where `plan` states what is inferred twice).
# What one merge costs against gdal_translate -of COG is in publish.sh.
#
#   tests/benchmark/sharding.sh BUILD WORK [SIDE [SHARDS [ROUNDS]]]     (Debian: gdal-bin, jq)
set -euo pipefail
build=$(realpath "$1") work=$2 side=${3:-2048} shards=${4:-16} rounds=${5:-3}
spectile=$build/spectile
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
export OMP_NUM_THREADS=1
mkdir -p "$work" && cd "$work"
TIMEFORMAT='%R %U %S'

# timed NAME COMMAND...: adds "wall cpu" to NAME.times.
timed() {
  local name=$1
  shift
  { time "$@" > "$name.log" 2>&1; } 2> seconds || { cat "$name.log" >&2; exit 1; }
  awk -v name="$name" '{print $1, $2 + $3 >> (name ".times")}' seconds
}
# median NAME COLUMN [GROUP]: of the sums over groups of lines.
median() {
  awk -v c="$2" -v g="${3:-1}" '{s += $c} NR % g == 0 {print s; s = 0}' "$1.times" | sort -g |
    awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }

# share_out NAME: NAME.yaml run locally and in shards, in turns.
share_out() {
  local name=$1 k
  rm -f "$name".{local,shard,merge}.times
  for ((round = 0; round < rounds; ++round)); do
    rm -rf "$name-local" "$name-shared" ".$name"* manifest.json
    timed "$name.local" "$spectile" run "$name.yaml" --set "products.$2.path=$name-local/map.tif" --threads 1
    local shared=("$name.yaml" --set "products.$2.path=$name-shared/map.tif" --threads 1)
    "$spectile" plan "${shared[@]}" --shards "$shards" --manifest manifest.json --json > plan.json
    for ((k = 1; k <= shards; ++k)); do
      timed "$name.shard" "$spectile" run "${shared[@]}" --manifest manifest.json --shard "$k"
    done
    timed "$name.merge" "$spectile" merge "${shared[@]}" --manifest manifest.json
    cmp "$name-local/map.tif" "$name-shared/map.tif"
  done
  local own merged
  own=$(median "$name.local" 2) merged=$(median "$name.merge" 2)
  echo "$name: local run $own s of CPU; $shards shards $(ratio "$(median "$name.shard" 2 "$shards")" "$own") of it," \
    "with the merge $(awk -v s="$(median "$name.shard" 2 "$shards")" -v m="$merged" -v o="$own" \
      'BEGIN {printf "%.3f", (s + m) / o}');" \
    "recomputed by plan: $(jq .parts.recomputed_share manifest.json)"
}

[ -e scene.dat ] || "$build/examples/simulate_scene" scene --size "${side}x${side}"
cat > mamba.yaml << END
spectile: 1
scene: {path: scene.dat}
model: $root/models/enmap-landcover
tiling: {part: 512}
products:
  class_map: {path: map.tif}
END
share_out mamba class_map

"$build/tests/make_network" targets mim_istd
[ -e infrared.tif ] || gdal_translate -q -b 80 scene.dat infrared.tif
cat > targets.yaml << END
spectile: 1
scene: {path: infrared.tif}
model: targets
tiling: {part: 512}
products:
  probabilities: {path: map.tif}
END
share_out targets probabilities
