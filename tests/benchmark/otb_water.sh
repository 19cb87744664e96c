#!/usr/bin/env bash
# What Orfeo ToolBox's classifiers reach on the water of models/spain-water: learnt from the left half of the chip, judged
# on the right one by `spectile evaluate`.
#
#   tests/benchmark/otb_water.sh DATA SPECTILE WORK      (Debian: otb-bin gdal-bin python3-gdal jq)
set -euo pipefail
chip=$(realpath "$1")/sen1floods11_spain/Spain_7370579 spectile=$(realpath "$2") work=$3
export OTB_MAX_RAM_HINT=2048 ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=1
mkdir -p "$work" && cd "$work"
# shellcheck disable=SC2046
gdal_translate -q $(printf ' -b %s' 1 2 3 4 5 6 7 8 9 10 12 13) "${chip}_S2Hand.tif" scene.tif
gdal_translate -q -srcwin 0 0 256 512 scene.tif left.tif
gdal_translate -q -srcwin 0 0 256 512 -a_nodata -1 "${chip}_LabelHand.tif" labels.tif
rm -f labels.gpkg
gdal_polygonize.py -q labels.tif -f GPKG labels.gpkg labels class
otbcli_ComputeImagesStatistics -il scene.tif -out.xml statistics.xml > statistics.log

# classifier NAME OPTION...: trained, applied and judged.
classifier() {
  otbcli_TrainImagesClassifier -io.il left.tif -io.vd labels.gpkg -io.imstat statistics.xml -io.out "$1.model" \
    -sample.vfn class -sample.mt 4000 -sample.mv 0 -sample.vtr 0 -sample.bm 0 -rand 1 -classifier "$@" > "$1.log" 2>&1
  otbcli_ImageClassifier -in scene.tif -imstat statistics.xml -model "$1.model" -out "$1.tif" uint8 >> "$1.log" 2>&1
  echo "$1: IoU of water $("$spectile" evaluate "$1.tif" "${chip}_LabelHand.tif" --ignore=-1 --tile-size 256 --tiles 1,3 --json |
    jq '.per_class[] | select(.value == 1) | .iou')"
}
classifier rf -classifier.rf.max 15 -classifier.rf.nbtrees 100 -classifier.rf.min 5 -classifier.rf.var 4
classifier libsvm -classifier.libsvm.k rbf -classifier.libsvm.c 100
classifier boost
classifier dt
