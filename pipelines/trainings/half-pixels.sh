#!/bin/sh
# usage: half-pixels.sh FILE VRT [RESAMPLING]
# A view of FILE with pixels of half the side (bilinear; nearest for labels). SpectralGPT's tokens are 8 x 8 pixels:
# where what is to be found is a few pixels wide, they are too coarse on the file's own grid (docs/accuracy.md).
# GDAL computes the view as it is read: nothing is copied.
set -eu
: "${2?usage: half-pixels.sh FILE VRT [RESAMPLING]}"
exec gdal_translate -q -of VRT -outsize 200% 200% -r "${3:-bilinear}" "$1" "$2"
