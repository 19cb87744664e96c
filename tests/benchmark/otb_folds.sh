#!/usr/bin/env bash
# Orfeo ToolBox and spectile side by side on the folds of pipelines/trainings/enmap-folds.yaml: one pooled map for each
# OTB classifier, judged by `spectile evaluate`, with seconds and peak memory of training and classifying on one thread.
# A step that takes longer than LIMIT seconds of wall time (600) ends its classifier, and that is what is printed.
#
#   tests/benchmark/otb_folds.sh DATA SPECTILE WORK      (Debian: otb-bin gdal-bin python3-gdal time)
set -euo pipefail
data=$1/enmap_potsdam spectile=$2 work=$3
export OTB_MAX_RAM_HINT=2048 GDAL_CACHEMAX=512 ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=${THREADS:-1} OMP_NUM_THREADS=1
tiles=(0 1 2 5 6 7 13 14 16 17 18 19 21 22 23 24 28 29)
mkdir -p "$work"

# The 218 usable bands as reflectance, standardised by OTB itself (io.imstat).
[ -e "$work/scene.tif" ] || gdal_translate -q -ot Float32 -scale 0 10000 0 1 \
  $(for b in $(seq 1 224); do [ "$b" -ge 130 ] && [ "$b" -le 135 ] || printf ' -b %s' "$b"; done) \
  "$data/enmap_potsdam.dat" "$work/scene.tif"
[ -e "$work/statistics.xml" ] || otbcli_ComputeImagesStatistics -il "$work/scene.tif" -bv -32768 \
  -out.xml "$work/statistics.xml" > "$work/statistics.log"

window_of() { echo "$(($1 % 5 * 32)) $(($1 / 5 * 32)) 32 32"; }

# Labelled pixels of every square as polygons along pixel edges.
for t in "${tiles[@]}"; do
  [ -e "$work/tile$t.gpkg" ] && continue
  gdal_translate -q -srcwin $(window_of "$t") -a_nodata 0 "$data/enmap_potsdam_gt.tif" "$work/tile$t.tif"
  gdal_polygonize.py -q "$work/tile$t.tif" -f GPKG "$work/tile$t.gpkg" labels class
done

measure() { /usr/bin/time -a -o "$work/$1.time" -f '%e %U %M' timeout "${LIMIT:-600}" "${@:2}" > "$work/$1.log" 2>&1; }
cost() { awk '{s += $1; u += $2; if ($3 > m) m = $3} END {printf "%.0f s, CPU %.0f s, peak %.0f MiB\n", s, u, m / 1024}' "$work/$1.time"; }

run() { # NAME, then options of TrainImagesClassifier
  local name=$1
  shift
  rm -f "$work/$name.time" "$work/$name.vrt"
  cp "$data/enmap_potsdam_gt.tif" "$work/$name.tif"
  for k in 0 1 2 3 4 5; do
    rm -f "$work/train.gpkg"
    for i in "${!tiles[@]}"; do
      [ $((i % 6)) -eq "$k" ] || ogr2ogr -q -append -update -f GPKG "$work/train.gpkg" "$work/tile${tiles[$i]}.gpkg" \
        -nln labels 2> /dev/null || ogr2ogr -q -f GPKG "$work/train.gpkg" "$work/tile${tiles[$i]}.gpkg" -nln labels
    done
    measure "$name" otbcli_TrainImagesClassifier -io.il "$work/scene.tif" -io.vd "$work/train.gpkg" \
      -io.imstat "$work/statistics.xml" -io.out "$work/$name.model" -sample.vfn class -sample.mt -1 -sample.mv -1 \
      -sample.vtr 0 -sample.bm 0 -rand 1 "$@" || { echo "== $name: fold $k ended after ${LIMIT:-600} s"; cost "$name"; return; }
    measure "$name" otbcli_ImageClassifier -in "$work/scene.tif" -imstat "$work/statistics.xml" \
      -model "$work/$name.model" -out "$work/$name-$k.tif" uint8
    for i in "${!tiles[@]}"; do
      [ $((i % 6)) -eq "$k" ] || continue
      gdal_translate -q -srcwin $(window_of "${tiles[$i]}") "$work/$name-$k.tif" "$work/piece.tif"
      gdalwarp -q "$work/piece.tif" "$work/$name.tif"
    done
  done
  echo "== $name: $*"
  "$spectile" evaluate "$work/$name.tif" "$data/enmap_potsdam_gt.tif" \
    --tile-size 32 --tiles "$(IFS=,; echo "${tiles[*]}")" | head -1
  cost "$name"
}

# spectile's own folds, one seed: trains and judges all six in one process.
rm -f "$work/spectile.time"
SPECTILE_DATA=$1 measure spectile "$spectile" train "$(dirname "$0")/../../pipelines/trainings/enmap-folds.yaml" --threads 1 \
  --set "seeds=[1]" --set output="$work/spectile" --overwrite --json
echo "== spectile"
sed -n '/"pooled"/,/"kappa"/ { s/[",]//g; s/^ *//; /:  *[0-9]/p }' "$work/spectile.log" | paste -sd ' ' -
cost spectile

# Gamma is 1 over the number of bands; OTB takes 1 unless told.
run svm -classifier libsvm -classifier.libsvm.k rbf -classifier.libsvm.c 100 \
  -classifier.libsvm.gamma 0.004587
run rf -classifier rf -classifier.rf.max 25 -classifier.rf.min 1 -classifier.rf.var 15 -classifier.rf.nbtrees 100 \
  -classifier.rf.acc 0.0001
