#!/bin/sh
# usage: SPECTILE_DATA=DATA spectral-gpt-small.sh SPECTILE OUT [options of train ...]
# Writes OUT/scenes.csv and a VRT for each patch whose bands have several sizes, then pretrains into OUT/model.
. "$(dirname "$0")/begin.sh"
chip=$(echo "$SPECTILE_DATA"/sen1floods11_spain/*_S2Hand.tif)
# The right half stays unseen, for a segmentation to be tested on; B10 is left out.
twelve='1;2;3;4;5;6;7;8;9;10;12;13'
{
    echo path,date,place,role,crops,window,bands
    echo "$chip,,spain,training,48,0;0;256;384,$twelve"
    echo "$chip,,spain-south,validation,1,0;384;256;128,$twelve"
} > "$out/scenes.csv"
number=0
for patch in "$SPECTILE_DATA"/bigearthnet_tiny/s2/*; do
    name=$(basename "$patch")
    bands=
    for band in 01 02 03 04 05 06 07 08 8A 09 11 12; do bands="$bands $patch/${name}_B$band.tif"; done
    # shellcheck disable=SC2086 # one argument for each band
    gdalbuildvrt -q -separate -resolution highest -r bilinear -overwrite "$out/$name.vrt" $bands
    day=$(echo "$name" | sed 's/.*_\(20[0-9][0-9]\)\([0-9][0-9]\)\([0-9][0-9]\)T.*/\1-\2-\3/')
    number=$((number + 1))
    role=training crops=8
    if [ "$number" -gt 6 ]; then role=validation crops=1; fi
    echo "$name.vrt,$day,$name,$role,$crops,," >> "$out/scenes.csv"
done
OUT="$out" exec "$spectile" train "$here/spectral-gpt-small.yaml" --work "$out/work" "$@"
