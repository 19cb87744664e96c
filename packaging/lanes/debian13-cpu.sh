#!/usr/bin/env bash
# Builds the tree on Debian 13 (g++ 14, LibTorch 2.6, GDAL 3.10) in a folder of its own and runs the tests there.
#   packaging/lanes/debian13-cpu.sh FOLDER             the whole build and every quick test
#   packaging/lanes/debian13-cpu.sh FOLDER TARGET...   these targets; those that are tests are run
set -euo pipefail
. "$(dirname "$0")/lane.sh"

make_system main
say packages
inside apt-get -q install -y python3 git >/dev/null
copy_tree
inside bash "$tree/packaging/install-deps.sh"
say configure
inside cmake --preset release -S "$tree" -B "$tree/build/release"
say build
inside nice -n 19 ninja -C "$tree/build/release" -j "$jobs" "$@"
say tests
if [ $# -eq 0 ]; then
  inside ctest --test-dir "$tree/build/release" --output-on-failure --label-exclude slow
else
  for target in "$@"; do
    case $target in test_*) inside sh -c "cd $tree && build/release/tests/$target --gtest_brief=1" ;; esac
  done
fi
