#!/bin/sh
# usage: SPECTILE_DATA=DATA train.sh SPECTILE OUT [options of train ...]
# Brings the chip and its labels to half the pixel size, in OUT, and trains into OUT/model.
. "$(dirname "$0")/../../pipelines/trainings/begin.sh"
half=$here/../../pipelines/trainings/half-pixels.sh
chip=$SPECTILE_DATA/sen1floods11_spain/Spain_7370579
"$half" "${chip}_S2Hand.tif" "$out/chip.vrt"
"$half" "${chip}_LabelHand.tif" "$out/labels.vrt" nearest
OUT="$out" exec "$spectile" train "$here/training.yaml" "$@"
