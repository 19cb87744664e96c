#!/usr/bin/env bash
# A whole SpectralMamba run against Orfeo ToolBox's ImageClassifier with a random forest of 100, in turns, on the same
# 4096 x 4096 x 8 float32 scene and trained on the same labels. How good either is does not matter here: the scene is
# simulated.
#
#   tests/benchmark/forest.sh BUILD WORK [ROUNDS]     (Debian: gdal-bin, python3-gdal, otb-bin, time, jq)
set -euo pipefail
build=$(realpath "$1") work=$2 rounds=${3:-3} side=4096
source "$(dirname "${BASH_SOURCE[0]}")/timing.sh"
spectile=$build/spectile
mkdir -p "$work" && cd "$work"
rm -f ./*.times
export OTB_MAX_RAM_HINT=2048 GDAL_CACHEMAX=512 ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=2

[ -e small.dat ] || "$build/examples/simulate_scene" small --size 1024x1024
bands=(-b 10 -b 30 -b 50 -b 70 -b 90 -b 110 -b 150 -b 190)
if [ ! -e eight.tif ]; then
  gdal_translate -q -ot Float32 "${bands[@]}" -scale 0 10000 0 1 -r bilinear -outsize $side $side -co TILED=YES \
    -co BLOCKXSIZE=512 -co BLOCKYSIZE=512 small.dat made.tif
  mv made.tif eight.tif
fi
# Learnt on a corner of the scene that was not resampled.
window=(-srcwin 0 0 256 256)
gdal_translate -q -ot Float32 "${bands[@]}" -scale 0 10000 0 1 "${window[@]}" small.dat corner.tif
gdal_translate -q -a_nodata 0 "${window[@]}" small_truth.dat truth.tif
rm -f truth.gpkg
gdal_polygonize.py -q truth.tif -f GPKG truth.gpkg labels class
[ -e forest.model ] || otbcli_TrainImagesClassifier -io.il corner.tif -io.vd truth.gpkg -sample.vfn class -sample.mt 2000 \
  -sample.mv 1000 -classifier rf -classifier.rf.max 15 -classifier.rf.min 5 -classifier.rf.var 3 -classifier.rf.nbtrees 100 \
  -classifier.rf.acc 0.0001 -io.out forest.model -rand 1 > forest.train.log
classes=$(gdalinfo -json -hist truth.tif | jq -r '.bands[0].histogram.buckets | to_entries | map(select(.value > 0 and .key > 0) | .key) | join(" ")')
# train PIECE: a network of pieces of so many bands.
train() {
  {
    printf 'spectile: 1\nname: eight\noutput: piece%s\narchitecture: spectral_mamba\nparameters: {piece_len: %s}\n' "$1" "$1"
    printf 'scene: {path: corner.tif}\nlabels: {path: truth.tif, ignore: 0}\nclasses:\n'
    for c in $classes; do printf '  - {value: %s, name: class %s}\n' "$c" "$c"; done
    printf 'prepare:\n  - standardise: {from: scene}\nsplit: {by: random, training_pixels: 200}\nrecipe: {epochs: 2}\n'
  } > "piece$1.yaml"
  [ -e "piece$1/model.yaml" ] || "$spectile" train "piece$1.yaml" > "train$1.log" 2>&1
  printf 'spectile: 1\nscene: {path: eight.tif}\nmodel: piece%s\nproducts:\n  class_map: {path: map%s/map.tif, format: GTiff}\n' \
    "$1" "$1" > "run$1.yaml"
}
train 8
train 6
for ((round = 0; round < rounds; ++round)); do
  rm -rf map8 map6 .map*
  timed eight "$spectile" run run8.yaml --threads 2
  timed forest otbcli_ImageClassifier -in eight.tif -model forest.model -out forest.tif uint8
  timed six "$spectile" run run6.yaml --threads 2
done
compare "SpectralMamba, pieces of 8 bands, / OTB's random forest of 100" eight forest
compare "SpectralMamba, pieces of 6 bands (default), / the same" six forest
