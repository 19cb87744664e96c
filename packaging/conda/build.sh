#!/usr/bin/env bash
# Called by conda-build, which sets PREFIX, CMAKE_ARGS and CPU_COUNT.
set -euo pipefail
# shellcheck disable=SC2086
cmake --preset release ${CMAKE_ARGS:-} -DSPECTILE_TESTS=OFF -DCMAKE_INSTALL_PREFIX="$PREFIX"
cmake --build --preset release --parallel "${CPU_COUNT:-2}"
cmake --install build/release
