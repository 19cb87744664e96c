#!/usr/bin/env bash
# Installs the Debian package on a bare Debian 12 (a debootstrap folder, as root) and uses it as a new user would.
#   packaging/test-deb.sh PACKAGE.deb SIMULATE_SCENE [FOLDER]      (Debian: debootstrap)
set -euo pipefail
package=$(realpath "$1") simulate=$(realpath "$2") root=${3:-$(mktemp -d /tmp/spectile-deb-XXXXXX)}
mirror=$(awk '/^deb |^URIs:/ {for (i = 1; i <= NF; ++i) if ($i ~ /^https?:/) {print $i; exit}}' \
  /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -v security | head -n 1 || true)
[ -e "$root/usr/bin/apt-get" ] || debootstrap --variant=minbase bookworm "$root" ${mirror:+"$mirror"}
cp "$package" "$root/tmp/spectile.deb"
# A scene, by the program that the build made; its libraries are not in the bare system, so it runs outside.
mkdir -p "$root/home/new"
"$simulate" "$root/home/new/scene" --size 200x160
[ ! -e /etc/apt/apt.conf.d ] || cp -a /etc/apt/apt.conf.d/. "$root/etc/apt/apt.conf.d/" 2>/dev/null || true
cp /etc/resolv.conf "$root/etc/resolv.conf"
inside() { chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/home/new DEBIAN_FRONTEND=noninteractive "$@"; }
mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
inside apt-get -q update
inside apt-get -q install -y --no-install-recommends /tmp/spectile.deb
inside sh -euc '
  cd /home/new
  spectile --version
  spectile models | grep enmap-landcover
  spectile classify scene.dat -m enmap-landcover -o map.tif --overwrite
  spectile verify map.tif
  test -s map.html
  test -s /usr/share/man/man1/spectile-run.1
  test -s /usr/share/bash-completion/completions/spectile
  test -s /usr/share/doc/spectile/copyright
'
inside apt-get -q remove -y spectile
! inside sh -c 'command -v spectile'
echo "test-deb: installed, mapped, verified, removed"
