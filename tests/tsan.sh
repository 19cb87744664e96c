#!/usr/bin/env bash
# The engine under ThreadSanitizer: tests that read, prepare, infer, mosaic and publish on several threads.
#   tests/tsan.sh [ctest's options]
# oneTBB is built with it, too, from Debian's source package: what is not instrumented would be reported at every value
# that one task hands to another. Suppressions, each with its reason, are in tests/tsan.supp.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

jobs=$(nproc)
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive
tbb=$PWD/build/tbb-tsan
if [ ! -e "$tbb/installed/lib/libtbb.so" ] && [ ! -e "$tbb/installed/lib/x86_64-linux-gnu/libtbb.so" ]; then
  mkdir -p "$tbb/lists"
  # A list of its own: the machine's lists stay as they are.
  sed 's/^Types: deb$/Types: deb-src/; s/^deb /deb-src /' \
    /etc/apt/sources.list.d/debian.sources > "$tbb/debian.sources"
  apt_here=(-o "Dir::Etc::sourcelist=$tbb/debian.sources" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$tbb/lists")
  apt-get "${apt_here[@]}" -qq update
  (cd "$tbb" && apt-get "${apt_here[@]}" -qq source --download-only onetbb &&
    mkdir -p source && tar -xf onetbb_*.orig.tar.* -C source --strip-components=1)
  cmake -S "$tbb/source" -B "$tbb/build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DTBB_SANITIZE=thread \
    -DTBB_TEST=OFF -DTBB_STRICT=OFF -DTBBMALLOC_BUILD=OFF -DCMAKE_INSTALL_PREFIX="$tbb/installed"
  cmake --build "$tbb/build" --parallel "$jobs"
  cmake --install "$tbb/build" > "$tbb/install.log"
fi
cmake --preset tsan -DCMAKE_PREFIX_PATH="$tbb/installed" -DTBB_DIR="$(dirname "$(find "$tbb/installed" -name TBBConfig.cmake)")"
cmake --build --preset tsan --parallel "$jobs" --target test_core test_plan test_mosaic test_products test_raster \
  test_prepare test_run test_property
# Memory that is not to be had is a null pointer, as it is without: what comes of it is tested.
export TSAN_OPTIONS="allocator_may_return_null=1 suppressions=$PWD/tests/tsan.supp ignore_noninstrumented_modules=1 ${TSAN_OPTIONS-}"
# Each of the broken rasters is read by one thread.
ctest --test-dir build/tsan --parallel 2 --output-on-failure --no-tests=error \
  --tests-regex '^(core|plan|mosaic|products|raster|prepare|run|property)\.' --exclude-regex 'RastersThatBrokeReaders' \
  "$@" 2>&1 | tee build/tsan/ctest.log
