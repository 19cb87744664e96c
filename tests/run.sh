#!/usr/bin/env bash
# Sets up, builds and tests spectile; the last line is ctest's own verdict.
#   tests/run.sh          packages, release build, every test but those labelled `slow` (45 minutes at most on 2 cores)
#   tests/run.sh --full   the slow ones too, the Debian package on a bare system, clang-tidy (tests/clang-tidy.sh),
#                         then everything but the slow ones again under AddressSanitizer and UBSan, and the engine
#                         under ThreadSanitizer (tests/tsan.sh)
# Exit status 0 only if at least one test ran and none failed. Under AddressSanitizer a request for too much memory
# fails as it does without: broken rasters make their drivers ask for it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

full=no
case "${1-}" in
  "") ;;
  --full) full=yes ;;
  *) echo "usage: tests/run.sh [--full]" >&2; exit 64 ;;
esac

# Counted before the next line: nproc, too, obeys OMP_NUM_THREADS.
jobs=$(nproc)
# One worker, one thread: spectile's own pool is the only one that grows.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive
export ASAN_OPTIONS=${ASAN_OPTIONS:-strict_string_checks=1:allocator_may_return_null=1:max_allocation_size_mb=3072} UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1}

# build_and_test PRESET [ctest options]: prints ctest's log, leaves its verdict in $verdict.
verdict=""
build_and_test() {
  local preset=$1 log status=0
  shift
  cmake --preset "$preset"
  cmake --build --preset "$preset" --parallel "$jobs"
  log=build/$preset/ctest.log
  ctest --test-dir "build/$preset" --parallel 2 --output-on-failure --no-tests=error "$@" 2>&1 | tee "$log" ||
    status=$?
  verdict=$(grep -E '^[0-9]+% tests passed, [0-9]+ tests? failed out of [0-9]+' "$log" | tail -n 1 || true)
  if [ "$status" -ne 0 ] || [ -z "$verdict" ]; then
    echo "${verdict:-No tests were found!!!}"
    exit "$([ "$status" -ne 0 ] && echo "$status" || echo 1)"
  fi
}

packaging/install-deps.sh
if [ "$full" = yes ]; then
  build_and_test release
  release_verdict=$verdict
  package="not tried: needs root and debootstrap"
  if [ "$(id -u)" -eq 0 ] && command -v debootstrap > /dev/null; then
    (cd build/release && cpack)
    packaging/test-deb.sh build/release/spectile_*.deb build/release/examples/simulate_scene
    package="installed on a bare Debian 12, used, removed"
  fi
  lint="not tried: needs clang-tidy"
  if command -v clang-tidy > /dev/null; then
    tests/clang-tidy.sh
    lint="nothing found"
  fi
  # Slurm's nodes would start the programs that the tests of shards start, with a network that takes an hour here.
  build_and_test asan --label-exclude '^(slow|slurm)$'
  tests/tsan.sh
  echo "release: $release_verdict"
  echo "package: $package"
  echo "clang-tidy: $lint"
  echo "asan, ubsan: $verdict"
  verdict="tsan: $(grep -E '^[0-9]+% tests passed' build/tsan/ctest.log | tail -n 1)"
else
  build_and_test release --label-exclude '^slow$'
fi
echo "$verdict"
