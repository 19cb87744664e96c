#!/usr/bin/env bash
# The engine without a model: a scene handed through, against what GDAL's own program needs for the same steps, in turns.
# Steps that nobody who survives a crash can leave out: the pixels in the form of the parts, synced; read again for their
# checksums; the final file. The plain gdal_translate to the final form is timed too.
#
#   tests/benchmark/identity.sh BUILD WORK [SIDE [ROUNDS]]     (Debian: gdal-bin, time, openssl)
set -euo pipefail
build=$(realpath "$1") work=$2 side=${3:-8192} rounds=${4:-3}
source "$(dirname "${BASH_SOURCE[0]}")/timing.sh"
mkdir -p "$work" && cd "$work"

# Eight bands of a simulated scene as reflectance, float32.
if [ ! -e eight.tif ]; then
  [ -e small.dat ] || "$build/examples/simulate_scene" small --size 2048x2048
  gdal_translate -q -ot Float32 -b 10 -b 30 -b 50 -b 70 -b 90 -b 110 -b 150 -b 190 -scale 0 10000 0 1 -r bilinear \
    -outsize "$side" "$side" -co TILED=YES -co COMPRESS=ZSTD -co BIGTIFF=YES small.dat made.tif
  mv made.tif eight.tif
fi
mkdir -p identity
printf 'spectile: 1\narchitecture: identity\n' > identity/model.yaml

printf 'spectile: 1\nscene: {path: eight.tif}\nmodel: identity\nproducts:\n  bands: {path: ours/final.tif}\n' > ours.yaml
tiled=(-co TILED=YES -co BLOCKXSIZE=512 -co BLOCKYSIZE=512 -co COMPRESS=ZSTD -co BIGTIFF=YES -co NUM_THREADS=2)
parts=("${tiled[@]}" -co INTERLEAVE=BAND -co ZSTD_LEVEL=1)
# The program's own choice for float32: one band after another, differences of bytes.
final=("${tiled[@]}" -co INTERLEAVE=BAND -co PREDICTOR=3)
# careful: all the steps, into the folder gdal.
careful() {
  gdal_translate -q "${parts[@]}" eight.tif gdal/parts.tif
  sync gdal/parts.tif
  openssl dgst -sha256 gdal/parts.tif
  gdal_translate -q "${final[@]}" gdal/parts.tif gdal/final.tif
  sync gdal/final.tif
}
rm -f ./*.times
for ((round = 0; round < rounds; ++round)); do
  rm -rf ours gdal
  timed ours "$build/spectile" run ours.yaml --threads 2 --memory 256MiB
  mkdir gdal
  timed careful bash -c "set -e; $(declare -p parts final); $(declare -f careful); careful"
  rm -rf gdal
  mkdir gdal
  timed plain gdal_translate -q "${final[@]}" eight.tif gdal/final.tif
done
echo "identity, $side x $side x 8 float32, two threads:"
compare "  run / the steps of a careful writer by gdal_translate" ours careful
compare "  run / one gdal_translate" ours plain
