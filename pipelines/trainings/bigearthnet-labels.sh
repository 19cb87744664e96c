#!/bin/sh
# usage: SPECTILE_DATA=DATA bigearthnet-labels.sh SPECTILE OUT [options of train ...]
# Writes OUT/patches.csv, a line for each patch with the files of its twelve bands and its labels, then trains into OUT/model.
. "$(dirname "$0")/begin.sh"
number=0
echo path,role,label > "$out/patches.csv"
for patch in "$SPECTILE_DATA"/bigearthnet_tiny/s2/*; do
    name=$(basename "$patch")
    bands=
    for band in 01 02 03 04 05 06 07 08 8A 09 11 12; do bands="$bands${bands:+;}$patch/${name}_B$band.tif"; done
    labels=$(sed -n 's/.*"labels": \[\([^]]*\)\].*/\1/p' "$patch/${name}_labels_metadata.json" | sed 's/", "/;/g; s/"//g')
    number=$((number + 1))
    role=training
    if [ "$number" -gt 6 ]; then role="test"; fi
    echo "\"$bands\",$role,\"$labels\"" >> "$out/patches.csv"
done
OUT="$out" exec "$spectile" train "$here/bigearthnet-labels.yaml" --work "$out/work" "$@"
