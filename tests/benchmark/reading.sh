#!/usr/bin/env bash
# How tiles are read from 200 bands of UInt16 in every layout that scenes come in: reading_benchmark on each, one after the
# other, since together they would need 10 GB.
#
#   tests/benchmark/reading.sh BUILD WORK [SIDE [NAME...]]     (Debian: gdal-bin; needs the target reading_benchmark)
#
# NAME: of a file below, to measure some of the layouts only.
set -euo pipefail
build=$(realpath "$1") work=$2 side=${3:-2048} only=" ${*:4} "
mkdir -p "$work" && cd "$work"
mkdir -p identity
printf 'spectile: 1\narchitecture: identity\n' > identity/model.yaml
[ -e "scene$side.dat" ] || "$build/examples/simulate_scene" "scene$side" --size "${side}x$side"

# layout NAME OPTION...: the scene in this form, measured and deleted.
layout() {
  local name=$1
  [ "$only" = "  " ] || [[ $only == *" $name "* ]] || return 0
  shift
  # shellcheck disable=SC2046
  gdal_translate -q -ot UInt16 -a_nodata 65535 $(seq -f '-b %g' 200) "$@" "scene$side.dat" "$name"
  "$build/tests/benchmark/reading_benchmark" identity "$name"
  rm -f "$name" "${name%.dat}.hdr" "$name.aux.xml"
}
for interleave in BSQ BIL BIP; do layout "envi-$interleave.dat" -of ENVI -co "INTERLEAVE=$interleave"; done
for interleave in PIXEL BAND; do
  for tiled in YES NO; do
    for compress in NONE DEFLATE; do
      name=gtiff-$(echo $interleave | tr A-Z a-z)-$([ $tiled = YES ] && echo tiles || echo strips)-$(echo $compress | tr A-Z a-z).tif
      layout "$name" -co INTERLEAVE=$interleave -co TILED=$tiled -co COMPRESS=$compress -co BIGTIFF=YES -co NUM_THREADS=2
    done
  done
done
