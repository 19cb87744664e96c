#!/usr/bin/env bash
# Runs every fuzz target for SECONDS each (default 30), from its corpus; new inputs go to a temporary folder.
#   tests/fuzz/run.sh [SECONDS]     after: cmake --preset fuzz && cmake --build --preset fuzz
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1-30}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for target in pipeline model_card safetensors checkpoint envi_header ledger; do
  mkdir -p "$scratch/$target"
  echo "fuzz: $target for $seconds s"
  "$root/build/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="$scratch/" "$scratch/$target" "$root/tests/fuzz/corpus/$target"
done
echo "fuzz: every target ended without a finding"
