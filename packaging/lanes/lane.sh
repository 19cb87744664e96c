# What the lanes share; read by debian13-cpu.sh. A lane is a folder with a Debian system of its own, in
# which this tree is built: nothing outside the folder changes. Needs root (debootstrap, chroot) and a Debian mirror.
[ "$(id -u)" -eq 0 ] || { echo "$0: needs root: a lane is made by debootstrap and entered by chroot" >&2; exit 77; }
command -v debootstrap >/dev/null || { echo "$0: debootstrap is missing: apt-get install debootstrap" >&2; exit 69; }
root=${1:?usage: $0 FOLDER [TARGET...]   (the lane, made where it is not there; DEBIAN_MIRROR, LANE_JOBS)}
shift
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mirror=${DEBIAN_MIRROR:-}   # empty: the one that debootstrap takes by itself
jobs=${LANE_JOBS:-$(nproc)}
tree=/src/spectile   # of this project, in the lane

# Runs a command in the lane. The mount lasts as long as the command.
inside() {
  unshare -m bash -c 'mount -t proc proc "$0/proc" && exec chroot "$0" /usr/bin/env -i HOME=/root LANG=C.UTF-8 \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 "$@"' "$root" "$@"
}

# make_system COMPONENTS: Debian 13, which starts no service when a package is installed.
make_system() {
  if [ ! -e "$root/lane-is-made" ]; then
    mkdir -p "$root"
    debootstrap --variant=minbase --components="$1" --include=ca-certificates trixie "$root" ${mirror:+"$mirror"}
    printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    echo 'APT::Install-Recommends "false";' > "$root/etc/apt/apt.conf.d/99lane"
    inside apt-get -q update
    touch "$root/lane-is-made"
  fi
}

# The files that git has or would take, as they are now. Only those that differ are copied, with the time of the copy: with
# times of their own, edits older than the lane's last build would not be built.
copy_tree() {
  local file
  git -C "$source" ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [ -f "$source/$file" ] || continue
    cmp -s "$source/$file" "$root$tree/$file" && continue
    mkdir -p "$(dirname "$root$tree/$file")"
    cp --preserve=mode "$source/$file" "$root$tree/$file"
  done
}

say() { printf '\n== %s (%s)\n' "$*" "$(date -u +%H:%M:%S)"; }
