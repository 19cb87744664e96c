#!/bin/sh
# usage: SPECTILE_DATA=DATA train.sh SPECTILE OUT [options of train ...]
# Trains in four steps, each from where the last one ended, into OUT/model. The same command goes on after an interruption.
set -eu
spectile=$1 out=$2
shift 2
: "${SPECTILE_DATA:?names the folder of the data}"
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
OUT=$(cd "$out" && pwd)
export OUT
for step in first second third; do
  [ -e "$OUT/$step/model.yaml" ] || "$spectile" train "$here/$step.yaml" "$@"
done
exec "$spectile" train "$here/training.yaml" "$@"
