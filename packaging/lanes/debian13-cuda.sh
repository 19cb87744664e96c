#!/usr/bin/env bash
# Builds the whole tree against CUDA LibTorch on Debian 13 (LibTorch 2.6, CUDA 12.4) in a folder of its own, some 12 GB, and
# starts it: no device is needed.
#   packaging/lanes/debian13-cuda.sh FOLDER             program, kernels and module, then what a machine without device can tell
#   packaging/lanes/debian13-cuda.sh FOLDER TARGET...   these targets too; those that are tests are run
set -euo pipefail
. "$(dirname "$0")/lane.sh"

# nvidia-cudnn fetches cuDNN from its vendor while it is configured, which fails where that site is not reached.
divert_cudnn() {
  inside sh -c '[ -e /usr/sbin/update-nvidia-cudnn.distrib ] && exit 0
    dpkg-divert --local --rename --add /usr/sbin/update-nvidia-cudnn
    printf "#!/bin/sh\nexit 0\n" > /usr/sbin/update-nvidia-cudnn && chmod +x /usr/sbin/update-nvidia-cudnn'
}

# libtorch_cuda neither links nor starts without libcudnn.so.9: a stand-in whose every call fails.
make_cudnn_stub() {
  inside sh -c 'set -e; folder=/usr/local/lib/cudnn-stub; [ -e $folder/libcudnn.so.9 ] && exit 0
    ldconfig -p | grep -q "libcudnn.so.9" && exit 0
    mkdir -p $folder && cd $folder
    nm -D /usr/lib/x86_64-linux-gnu/libtorch_cuda.so > symbols
    awk '\''$1=="U" && $2~/^cudnn/{sub(/@.*/,"",$2); print "int " $2 "(void){return 1001;}"}'\'' symbols > stub.c
    echo "libcudnn.so.9 { global: *; };" > stub.map
    gcc -shared -fPIC -Wl,-soname,libcudnn.so.9 -Wl,--version-script=stub.map -o libcudnn.so.9 stub.c
    echo "$folder" > /etc/ld.so.conf.d/cudnn-stub.conf; ldconfig'
}

make_system main,contrib,non-free,non-free-firmware
say packages
divert_cudnn
inside apt-get -q install -y python3 git libtorch-cuda-dev libgloo-cuda-dev libnccl-dev nvidia-cuda-toolkit nvidia-cudnn >/dev/null
copy_tree
# libtorch-dev and libgloo-dev are the CPU's and conflict with CUDA's.
inside sed -i 's/libtorch-dev libgloo-dev //' "$tree/packaging/install-deps.sh"
inside bash "$tree/packaging/install-deps.sh"
make_cudnn_stub
say configure
build=$tree/build/cuda
inside cmake --preset cuda -S "$tree" -B "$build" -DTORCH_CUDA_ARCH_LIST="8.0;9.0"
say build
inside nice -n 19 ninja -C "$build" -j "$jobs" spectile spectile_networks "$@"
say start
spectile=$build/spectile
inside "$spectile" --version --verbose
status=0
inside "$spectile" bench spectral_mamba --device cuda || status=$?
[ "$status" -eq 69 ] || { echo "$0: without a device --device cuda ends with $status, not 69" >&2; exit 1; }
# Each after its self-test. An encoder alone predicts nothing.
for model in "$source"/models/*/; do
  grep -q 'task: pretraining' "$model/model.yaml" || inside "$spectile" bench "$tree/models/$(basename "$model")"
done
for target in "$@"; do
  case $target in test_*) inside sh -c "cd $tree && build/cuda/tests/$target --gtest_brief=1" ;; esac
done
