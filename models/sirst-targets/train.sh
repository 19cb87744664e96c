#!/bin/sh
# usage: SPECTILE_DATA=DATA train.sh SPECTILE OUT [options of train ...]
# Trains in six steps, each from where the last one ended, into OUT/model. The same command goes on after an interruption.
. "$(dirname "$0")/../../pipelines/trainings/begin.sh"
export OUT="$out"
for step in first second third fourth fifth; do
  [ -e "$OUT/$step/model.yaml" ] || "$spectile" train "$here/$step.yaml" "$@"
done
exec "$spectile" train "$here/training.yaml" "$@"
