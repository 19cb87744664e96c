#!/usr/bin/env bash
# Installs what spectile is built with and tested with, from the Debian (12 or later) archives this machine already
# uses. Safe to run again: where everything is there it says so and touches nothing. Needs root or sudo otherwise.
set -euo pipefail

packages=(
  # compiler and build
  g++ cmake ninja-build ccache pkg-config
  # libraries of the program
  libtorch-dev libgloo-dev libopenblas0-pthread libgdal-dev libproj-dev libtbb-dev libhwy-dev
  libcli11-dev libyaml-cpp-dev libvalijson-dev nlohmann-json3-dev libspdlog-dev libxxhash-dev libssl-dev
  # tests and examples
  libgtest-dev libgmock-dev librapidcheck-dev libbenchmark-dev gdal-bin
  # tests/cluster: a private Slurm on the loopback device
  slurmctld slurmd slurm-client munge procps
  # tests/faults: a scene behind a real server
  nginx-light
)

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install-deps: this is not a Debian system; install the equivalents of: ${packages[*]}" >&2
  exit 69
fi

missing=()
for package in "${packages[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done

if [ ${#missing[@]} -eq 0 ]; then
  echo "install-deps: all ${#packages[@]} packages are there"
  exit 0
fi
echo "install-deps: installing ${missing[*]}"

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "install-deps: run this as root, or install sudo; missing: ${missing[*]}" >&2
    exit 77
  fi
  as_root=(sudo)
fi

apt() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }
install_missing() { apt install -y --no-install-recommends "${missing[@]}"; }

# Package lists are fetched only where they are absent or too old to install from.
if ! apt-cache show "${missing[@]}" >/dev/null 2>&1 || ! install_missing; then
  echo "install-deps: fetching package lists"
  apt update
  install_missing
fi
echo "install-deps: done"
