#!/usr/bin/env bash
# What a plan says beforehand against what the run takes: SpectralGPT Base with the head for segmentation, random weights, 64
# tiles of 128 x 128 with 12 bands, one thread; `bench`, `plan` and `run` one after the other.
#
#   tests/benchmark/plan.sh BUILD WORK      (Debian: gdal-bin, jq; a build with tests; some five minutes)
set -euo pipefail
build=$(realpath "$1") work=$2 spectile=$build/spectile
mkdir -p "$work" && cd "$work"
[ -e base/model.yaml ] || "$build/tests/make_network" base spectral_gpt_base
[ -e scene.dat ] || "$build/examples/simulate_scene" scene --size 768x768
bands=()
for band in 8 22 38 50 62 74 90 110 130 150 170 190; do bands+=(-b "$band"); done
[ -e twelve.tif ] || gdal_translate -q "${bands[@]}" scene.dat twelve.tif
printf 'spectile: 1\nscene: {path: twelve.tif}\nmodel: base\nproducts:\n  class_map: {path: out/map.tif}\n' > base.yaml
rm -rf out
export SPECTILE_CACHE=$PWD/cache
"$spectile" bench base --threads 1 -q
"$spectile" plan base.yaml --threads 1 --json > plan.json
"$spectile" run base.yaml --threads 1 --json -q > run.json
jq -nr --slurpfile plan plan.json --slurpfile run run.json \
  '$plan[0].scenes[0] as $scene | $run[0].seconds as $took |
   "\($scene.tiles.count) tiles: \($scene.seconds) s predicted, \($took) s taken, \($took / $scene.seconds * 100 - 100 | round) % more"'
