#!/usr/bin/env bash
# The engine around a model: how long the program takes to start, what nodata costs, what a pixel costs in large and small
# scenes, and whose time it is; then band math against Orfeo ToolBox and gdal_calc.py. Programs take turns.
#
#   tests/benchmark/engine.sh BUILD WORK [ROUNDS]     (Debian: gdal-bin, python3-gdal, time, jq; otb-bin if it is there)
set -euo pipefail
build=$(realpath "$1") work=$2 rounds=${3:-3}
source "$(dirname "${BASH_SOURCE[0]}")/timing.sh"
root=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..") spectile=$build/spectile
mkdir -p "$work" && cd "$work"
rm -f ./*.times
mkdir -p identity
printf 'spectile: 1\narchitecture: identity\n' > identity/model.yaml

# pipeline NAME SCENE MODEL KIND [KEY]: NAME.yaml, whose product is NAME/map.tif; KEY is a further one of the scene.
pipeline() {
  printf 'spectile: 1\nscene: {path: %s%s}\nmodel: %s\nproducts:\n  %s: {path: %s/map.tif}\n' \
    "$2" "${5:+, $5}" "$3" "$4" "$1" > "$1.yaml"
}
[ -e dense.dat ] || "$build/examples/simulate_scene" dense --size 1024x1024

echo "start, wall and CPU, median of $rounds:"
"$spectile" bench "$root/models/enmap-landcover" > bench.log 2>&1
pipeline start dense.dat "$root/models/enmap-landcover" class_map
for ((round = 0; round < rounds; ++round)); do
  timed help "$spectile" --help
  timed info "$spectile" info "$root/models/enmap-landcover"
  timed plan "$spectile" plan start.yaml
  timed submit "$spectile" submit start.yaml --to slurm --shards 4 --jobs jobs
  rm -rf jobs
done
for verb in help info plan submit; do echo "  $verb: $(median $verb 1) s, $(median $verb 2) s of CPU"; done

echo "SpectralMamba, 1024 x 1024 x 224, two threads:"
for ((round = 0; round < rounds; ++round)); do
  rm -rf start .start*
  timed dense "$spectile" run start.yaml --threads 2 --json -q
done
sed -n '/^{/,$p' dense.log | jq -c '{wall: .seconds, stages: .stage_seconds} | del(..|nulls)' | sed 's/^/  /'

echo "a scene that is 70 % nodata:"
# The lower seven tenths empty, by a VRT in both cases, so that both are read alike.
gdal_translate -q -of VRT dense.dat full.vrt
sed 's|<DstRect xOff="0" yOff="0" xSize="1024" ySize="1024" */>|<DstRect xOff="0" yOff="0" xSize="1024" ySize="307" />|;
     s|<SrcRect xOff="0" yOff="0" xSize="1024" ySize="1024" */>|<SrcRect xOff="0" yOff="0" xSize="1024" ySize="307" />|' full.vrt > thin.vrt
for name in full thin; do pipeline $name $name.vrt "$root/models/enmap-landcover" class_map "scale: 0.0001"; done
for ((round = 0; round < rounds; ++round)); do
  for name in full thin; do
    rm -rf $name .$name*
    timed $name "$spectile" run $name.yaml --threads 2
  done
done
compare "  of the cost of a full one" thin full

echo "cost of a pixel, identity, one dense Byte file of 4096 x 4096 repeated:"
if [ ! -e byte.tif ]; then
  gdal_translate -q -ot Byte -b 60 -scale 0 6000 1 255 -outsize 4096 4096 -r bilinear -a_nodata none -co TILED=YES \
    -co COMPRESS=ZSTD dense.dat made.tif
  mv made.tif byte.tif
fi
# repeat COLUMNS ROWS: a VRT of so many copies.
repeat() {
  local x y
  echo "<VRTDataset rasterXSize=\"$(($1 * 4096))\" rasterYSize=\"$(($2 * 4096))\"><VRTRasterBand dataType=\"Byte\" band=\"1\" blockXSize=\"512\" blockYSize=\"512\">"
  for ((y = 0; y < $2; ++y)); do
    for ((x = 0; x < $1; ++x)); do
      echo "<SimpleSource><SourceFilename relativeToVRT=\"1\">byte.tif</SourceFilename><SourceBand>1</SourceBand><SourceProperties RasterXSize=\"4096\" RasterYSize=\"4096\" DataType=\"Byte\" BlockXSize=\"256\" BlockYSize=\"256\"/><SrcRect xOff=\"0\" yOff=\"0\" xSize=\"4096\" ySize=\"4096\"/><DstRect xOff=\"$((x * 4096))\" yOff=\"$((y * 4096))\" xSize=\"4096\" ySize=\"4096\"/></SimpleSource>"
    done
  done
  echo '</VRTRasterBand></VRTDataset>'
}
for shape in 1x1 2x2 4x4 8x8 16x15; do
  repeat "${shape%x*}" "${shape#*x}" > "r$shape.vrt"
  pipeline "r$shape" "r$shape.vrt" identity bands
  rm -rf "r$shape" ".r$shape"*
  timed "r$shape" "$spectile" run "r$shape.yaml" --threads 2 --set products.bands.format=GTiff
  rm -rf "r$shape"
  echo "$((${shape%x*} * ${shape#*x})) $(median "r$shape" 2) $(median "r$shape" 1)"
done | awk '{mpx = $1 * 16.777216; if (NR > 1) printf "  %.0f to %.0f Mpixel: %.4f s of CPU, %.4f s a Mpixel more\n", was, mpx, ($2 - cpu) / (mpx - was), ($3 - wall) / (mpx - was); was = mpx; cpu = $2; wall = $3}'

echo "band math, two bands of eight scaled and standardised, 4096 x 4096 x 8 float32:"
if [ ! -e eight.tif ]; then
  gdal_translate -q -ot Float32 -b 10 -b 30 -b 50 -b 70 -b 90 -b 110 -b 150 -b 190 -scale 0 10000 0 1 -r bilinear \
    -outsize 4096 4096 -co TILED=YES -co BLOCKXSIZE=512 -co BLOCKYSIZE=512 dense.dat made.tif
  mv made.tif eight.tif
fi
# Choose two bands, scale, standardise: what our steps do to the bands that band math would take. First in a chain,
# `select` narrows what is read, as it does for the others.
cat > math.yaml << END
spectile: 1
scene: {path: eight.tif}
model: identity
prepare:
  - select: {bands: [3, 4]}
  - scale: {factor: 2, offset: -1}
  - standardise: {mean: [0.1, 0.2], std: [0.5, 0.6]}
products:
  bands: {path: math/map.tif, format: GTiff, options: [COMPRESS=NONE]}
END
export OTB_MAX_RAM_HINT=2048 GDAL_CACHEMAX=512 ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=2
for ((round = 0; round < rounds; ++round)); do
  rm -rf math .math* other.tif
  timed math "$spectile" run math.yaml --threads 2 --memory 2GiB
  ! command -v otbcli_BandMathX > /dev/null || timed otb otbcli_BandMathX -il eight.tif \
    -exp "{(im1b3 * 2 - 1.1) / 0.5, (im1b4 * 2 - 1.2) / 0.6}" -out other.tif float
  rm -f other.tif
  timed calc gdal_calc.py --quiet -A eight.tif --A_band=3 -B eight.tif --B_band=4 \
    --calc="(A * 2 - 1.1) / 0.5" --calc="(B * 2 - 1.2) / 0.6" --type=Float32 --outfile=other.tif --overwrite
done
[ ! -e otb.times ] || compare "  run / OTB's BandMathX" math otb
compare "  run / gdal_calc.py" math calc
