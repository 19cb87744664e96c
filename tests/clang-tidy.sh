#!/usr/bin/env bash
# clang-tidy over src and include by the rules in .clang-tidy; exit status 0 only if it finds nothing.
#   tests/clang-tidy.sh [FOLDER ...]     such as raster or models/entries; without one, all that clang can read
# Left out: models/networks and training, since clang does not read LibTorch 1.13's headers as C++20. The files are
# taken together as in a release build, so that GDAL's and the JSON library's headers are read once for eight of them.
# Needs clang-tidy (Debian: clang-tidy); builds nothing. nproc, too, obeys OMP_NUM_THREADS, which tests/run.sh sets.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v clang-tidy > /dev/null || { echo "clang-tidy is not installed" >&2; exit 69; }

build=build/clang-tidy
cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER_LAUNCHER= -DSPECTILE_TESTS=OFF > "$build.log" 2>&1 ||
  { cat "$build.log" >&2; exit 1; }
# GCC's own optimisations, which clang takes for errors.
sed -i -E 's/ -fno-(ipa-[a-z-]+|tree-ter)//g' "$build/compile_commands.json"
folders=$(IFS='|'; echo "${*:-[a-z/]+}")
mapfile -t files < <(sed -n 's/^ *"file": "\(.*\)",*$/\1/p' "$build/compile_commands.json" | grep -E "/src/($folders)/(CMakeFiles/|[^/]+$)" |
  grep -vE '/(models/networks|training)/')
[ "${#files[@]}" -gt 0 ] || { echo "no source in: $*" >&2; exit 64; }
# Each warning stands once, however many files include its header.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(env -u OMP_NUM_THREADS nproc)" clang-tidy --quiet -p "$build" 2> "$build.log" |
  grep -E "^$PWD/(src|include)/.*: (warning|error): " | sort -u > "$build.found" || true
cat "$build.found"
if [ ! -s "$build.found" ] && grep -E '^Error while processing' "$build.log" >&2; then exit 1; fi
echo "clang-tidy: ${#files[@]} compilations, $(wc -l < "$build.found") findings"
[ ! -s "$build.found" ]
