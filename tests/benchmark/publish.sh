#!/usr/bin/env bash
# Publishing: a class map of SIDE x SIDE pixels that lies finished in its parts becomes a COG, against gdal_translate -of COG
# of the same raster and a copy, taking turns; and what outlines of targets add to a detector's run.
#
#   tests/benchmark/publish.sh BUILD WORK [SIDE [ROUNDS]]     (Debian: gdal-bin, time, jq)
set -euo pipefail
build=$(realpath "$1") work=$2 side=${3:-20000} rounds=${4:-3}
source "$(dirname "${BASH_SOURCE[0]}")/timing.sh"
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..") spectile=$build/spectile
mkdir -p "$work" && cd "$work"
rm -f ./*.times
[ -e scene.dat ] || "$build/examples/simulate_scene" scene --size 2048x2048

# Without its colours, for which `identity` has no use: with them GDAL would average colours.
if [ ! -e "big$side.tif" ]; then
  gdal_translate -q -of VRT -r nearest -outsize "$side" "$side" scene_truth.dat coloured.vrt
  sed '/<ColorTable>/,/<\/ColorTable>/d; /<CategoryNames>/,/<\/CategoryNames>/d; /<ColorInterp>/d' coloured.vrt > plain.vrt
  gdal_translate -q -co TILED=YES -co COMPRESS=ZSTD -co ZSTD_LEVEL=1 -co BLOCKXSIZE=512 -co BLOCKYSIZE=512 plain.vrt made.tif
  mv made.tif "big$side.tif"
fi
mkdir -p identity
printf 'spectile: 1\narchitecture: identity\n' > identity/model.yaml
cat > merge.yaml << END
spectile: 1
scene: {path: big$side.tif}
model: identity
tiling: {part: 2048}
products:
  bands: {path: merged/map.tif, format: COG}
END
rm -rf merged .map* parts
"$spectile" run merge.yaml --threads 2 --shard 1/1 --work parts > /dev/null
for ((round = 0; round < rounds; ++round)); do
  rm -rf merged copied
  timed merge "$spectile" merge merge.yaml --threads 2 --work parts --keep
  mkdir copied
  # The copy is what puts a finished file on the file system that all see.
  timed gdal bash -c 'gdal_translate -q -of COG -co BLOCKSIZE=512 -co COMPRESS=ZSTD -co BIGTIFF=YES -co NUM_THREADS=2 \
    -co OVERVIEW_RESAMPLING=AVERAGE big'"$side"'.tif copied/first.tif && cp copied/first.tif copied/map.tif && sync copied/map.tif'
done
compare "COG of $side x $side: merge / (gdal_translate -of COG and a copy)" merge gdal

# A low threshold, so that there are many targets: outlines are what is measured, not detection.
[ -e infrared.tif ] || gdal_translate -q -b 80 scene.dat infrared.tif
detector="$root/models/sirst-targets"
for product in "probabilities: {path: p/map.tif}" "detections: {path: d/targets.gpkg, threshold: 0.02}"; do
  name=${product%%:*}
  printf 'spectile: 1\nscene: {path: infrared.tif, scale: 0.03}\nmodel: %s\nproducts:\n  %s\n' "$detector" "$product" > "$name.yaml"
done
for ((round = 0; round < rounds; ++round)); do
  rm -rf p d .map* .targets*
  timed probabilities "$spectile" run probabilities.yaml --threads 2
  timed detections "$spectile" run detections.yaml --threads 2
done
compare "targets as outlines / their scores as a raster, $(ogrinfo -so -al d/targets.gpkg | sed -n 's/^Feature Count: //p') targets" \
  detections probabilities
