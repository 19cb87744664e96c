#!/usr/bin/env bash
# Everything that a machine with a CUDA device has to say of spectile, into one report.
#   tests/run-gpu.sh [REPORT]      default: build/cuda/gpu-report.md
# Builds the preset `cuda`; runs every kernel on the device against the CPU, then under compute-sanitizer where it is
# installed; networks in batches, by streams and graphs; checks that nothing spills; loads and times every shipped model
# on the device and on the CPU (its self-test first); trains every kind of network on it and on the CPU; then times the
# launches of docs/gpu.md.
# Exit status 0 only if every kernel was really run and none failed; 69 where there is no device.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
report=$(realpath -m "${1:-build/cuda/gpu-report.md}")

cmake --preset cuda
if ! ninja -C build/cuda -t query tests/test_cuda >/dev/null 2>&1; then
  echo "run-gpu.sh: the preset cuda has no kernels here, since no nvcc was found" >&2
  exit 69
fi
ninja -C build/cuda spectile spectile_networks tests/test_cuda tests/test_networks tests/test_training_device tests/cuda_benchmark
mkdir -p "$(dirname "$report")"
{
  echo "# spectile on a GPU, $(date -u +%F)"
  echo
  echo '```'
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm,power.limit --format=csv || true
  build/cuda/spectile --version
  echo '```'
} >"$report"

section() { printf '\n## %s\n\n' "$1" >>"$report"; }

section "Kernels against the CPU"
echo '```' >>"$report"
status=0
build/cuda/tests/test_cuda 2>&1 | tee -a "$report" || status=$?
echo '```' >>"$report"
if grep -q 'no CUDA device on this machine' "$report"; then
  echo "run-gpu.sh: there is no CUDA device on this machine; no kernel was run" >&2
  exit 69
fi

# Streams, pinned memory, graphs, and batches of tiles; skipped where LibTorch has no CUDA.
section "Networks on the device"
echo '```' >>"$report"
build/cuda/tests/test_networks --gtest_filter='*/OnDevice.*/Cuda' 2>&1 | tee -a "$report" || status=$?
echo '```' >>"$report"

if [ "$status" -eq 0 ] && command -v compute-sanitizer >/dev/null; then
  section "compute-sanitizer"
  for tool in memcheck racecheck initcheck; do
    echo '```' >>"$report"
    compute-sanitizer --tool "$tool" --error-exitcode 1 build/cuda/tests/test_cuda >"$report.$tool" 2>&1 || status=$?
    tail -n 3 "$report.$tool" >>"$report"
    echo '```' >>"$report"
  done
fi

section "Registers and spills"
tests/cuda/resources.sh build/cuda >>"$report"
tests/cuda/resources.sh build/cuda --check >>"$report" || status=1

# Each is loaded onto the device, where its self-test holds it against what the CPU gave when it was shipped.
section "Models"
echo '```' >>"$report"
for model in models/*/; do
  if grep -q 'task: pretraining' "$model/model.yaml"; then continue; fi   # An encoder alone predicts nothing.
  for device in cuda cpu; do
    build/cuda/spectile bench "$model" --device "$device" 2>&1 | sed "s/^/$device: /" | tee -a "$report" || status=1
  done
done
echo '```' >>"$report"

# With a LibTorch without CUDA on the stand-in alone.
section "Trainings"
echo '```' >>"$report"
build/cuda/tests/test_training_device --gtest_filter='*OnADevice*' 2>&1 | tee -a "$report" || status=$?
echo '```' >>"$report"

section "Timings"
build/cuda/tests/cuda_benchmark | tee -a "$report" || status=$?

echo "run-gpu.sh: report in $report, exit status $status"
exit "$status"
