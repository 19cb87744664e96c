#!/usr/bin/env bash
# Writes spectile-VERSION.tar.gz of a commit (default: HEAD) into a folder (default: here). The same commit gives the
# same bytes on every machine: times are the commit's, the order is git's, gzip writes no name and no time.
#
#   packaging/source-archive.sh [FOLDER [COMMIT]]
set -euo pipefail
folder=$(realpath "${1:-.}") commit=${2:-HEAD}
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n 's/^project(spectile VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
archive=$folder/spectile-$version.tar.gz
git archive --format=tar --prefix="spectile-$version/" "$commit" | gzip -9n > "$archive.partial"
mv "$archive.partial" "$archive"
echo "$archive"
