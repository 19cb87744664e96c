#!/bin/sh
# usage: SPECTILE_DATA=DATA train.sh SPECTILE OUT [options of train ...]
# Brings both dates and the labels to half the pixel size, in OUT, and trains into OUT/model.
. "$(dirname "$0")/../../pipelines/trainings/begin.sh"
half=$here/../../pipelines/trainings/half-pixels.sh
"$half" "$SPECTILE_DATA/taizhou_change/2000TM" "$out/2000.vrt"
"$half" "$SPECTILE_DATA/taizhou_change/2003TM" "$out/2003.vrt"
"$half" "$SPECTILE_DATA/taizhou_change/taizhou_gt.tif" "$out/labels.vrt" nearest
OUT="$out" exec "$spectile" train "$here/training.yaml" "$@"
