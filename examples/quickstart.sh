#!/usr/bin/env bash
# From nothing to a land-cover map: sets up, builds, classifies a scene, and leaves everything in quickstart-output/.
#   examples/quickstart.sh [SCENE]
# SCENE: any raster with the EnMAP bands of models/enmap-landcover, for instance an ENVI .dat or .hdr.
# Without SCENE, a scene is simulated (invented landscape, spectra drawn by hand; not a measurement).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ $# -gt 1 ]; then
  echo "usage: examples/quickstart.sh [SCENE]" >&2
  exit 64
fi
scene=${1-}
# The caller's own folder counts for SCENE, not the project's.
case $scene in "" | /* | *:*) ;; *) scene=$PWD/$scene ;; esac
cd "$root"

packaging/install-deps.sh
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" --target spectile simulate_scene

out=$root/quickstart-output
mkdir -p "$out"
simulated=no
if [ -z "$scene" ]; then
  simulated=yes
  scene=$out/simulated-scene.dat
  build/release/examples/simulate_scene "${scene%.dat}"
fi

build/release/spectile classify "$scene" -m models/enmap-landcover -o "$out/landcover.tif" \
  --confidence "$out/confidence.tif" --report "$out/report.html" --overwrite

echo
echo "map:        $out/landcover.tif"
echo "confidence: $out/confidence.tif"
echo "report:     $out/report.html"
if [ "$simulated" = yes ]; then
  echo "The scene was simulated: it shows that the program works, not how well the model does on real data."
  echo "Its truth is in ${scene%.dat}_truth.dat; pass a scene of your own as the first argument."
fi
