#!/bin/sh
# usage: SPECTILE_DATA=DATA train.sh SPECTILE OUT [options of train ...]
# Brings the chip and its labels to half the pixel size, in OUT, and trains into OUT/model.
set -eu
spectile=$1 out=$2
shift 2
: "${SPECTILE_DATA:?names the folder of the data}"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
half=$here/../../pipelines/trainings/half-pixels.sh
chip=$SPECTILE_DATA/sen1floods11_spain/Spain_7370579
"$half" "${chip}_S2Hand.tif" "$out/chip.vrt"
"$half" "${chip}_LabelHand.tif" "$out/labels.vrt" nearest
OUT="$out" exec "$spectile" train "$here/training.yaml" "$@"
