#!/usr/bin/env bash
# What ptxas says of every kernel, as a table: registers, shared memory, spills, and the occupancy worked out from them.
#   tests/cuda/resources.sh BUILD            the table, as docs/gpu.md has it
#   tests/cuda/resources.sh BUILD --check    exit status 1 where a kernel spills
# BUILD: a build folder of the preset `cuda`. Compiles each .cu once more, without the cache, into nothing.
set -euo pipefail
build=${1:?usage: tests/cuda/resources.sh BUILD [--check]}
mode=${2:-}
cd "$(dirname "${BASH_SOURCE[0]}")"
build=$(cd "$OLDPWD" && cd "$build" && pwd)
sources=$(cd ../../src/kernels && ls *.cu)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

for source in $sources; do
  object=src/kernels/CMakeFiles/spectile_cuda_kernels.dir/$source.o
  command=$(ninja -C "$build" -t commands "$object" | tail -n 1 | sed -E 's/^[^ ]*ccache //; s/ -MD .*-x cu/ -x cu/')
  (cd "$build" && eval "${command% -o *} -o '$scratch/object'") >>"$scratch/log" 2>&1 || { cat "$scratch/log" >&2; exit 1; }
done

c++filt <"$scratch/log" | awk -v mode="$mode" -f resources.awk
