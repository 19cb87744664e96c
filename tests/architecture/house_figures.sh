#!/usr/bin/env bash
# How the code is cut: prints the figures, fails where one is beyond what the house promises (CONTRIBUTING.md). Functions
# are counted by universal-ctags; without it (Debian: universal-ctags) exit 77, which ctest takes as skipped.
#   tests/architecture/house_figures.sh ROOT
set -euo pipefail
cd "$1"
ctags --version 2> /dev/null | grep -q 'Universal Ctags' || { echo "skipped: universal-ctags is not installed"; exit 77; }

mapfile -t files < <(find src include -name '*.cpp' -o -name '*.hpp' -o -name '*.cu' -o -name '*.cuh' | sort)
# share FILE SHARE: the value that SHARE (in percent) of the sorted numbers do not exceed.
share() { sort -n "$1" | awk -v share="$2" '{v[NR] = $1} END {print v[int((NR * share + 99) / 100)]}'; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in "${files[@]}"; do wc -l < "$file"; done > "$work/files"
# Definitions: first and last line, and the commas between parameters that are not within <>, () or {}.
ctags -o - --languages=C++ --map-C++=+.cu --map-C++=+.cuh --kinds-C++=f --fields=neS "${files[@]}" |
  awk -F'\t' -v lines="$work/lines" -v parameters="$work/parameters" '{
    first = last = 0; signature = "()"
    for (i = 4; i <= NF; ++i) {
      if ($i ~ /^line:/) first = substr($i, 6)
      if ($i ~ /^end:/) last = substr($i, 5)
      if ($i ~ /^signature:/) signature = substr($i, 11)
    }
    if (!last) next
    inner = substr(signature, 2, length(signature) - 2); depth = 0; count = inner ~ /[^ ]/ ? 1 : 0
    for (i = 1; i <= length(inner); ++i) {
      c = substr(inner, i, 1)
      if (c ~ /[<({]/) ++depth
      if (c ~ /[>)}]/) --depth
      if (c == "," && depth == 0) ++count
    }
    print last - first + 1 > lines; print count > parameters
  }'

bad=0
# figure WHAT VALUE LIMIT
figure() {
  echo "$1: $2 (at most $3)"
  [ "$2" -le "$3" ] || { echo "beyond the house's figure: $1"; bad=1; }
}
[ "$(wc -l < "$work/lines")" -gt 500 ] || { echo "only $(wc -l < "$work/lines") functions were found"; exit 1; }
echo "${#files[@]} files, $(wc -l < "$work/lines") functions"
figure "lines of the median file" "$(share "$work/files" 50)" 120
figure "lines of nine files in ten" "$(share "$work/files" 90)" 400
figure "lines of nine functions in ten" "$(share "$work/lines" 90)" 40
figure "parameters of nine functions in ten" "$(share "$work/parameters" 90)" 4
echo "longest: file $(share "$work/files" 100), function $(share "$work/lines" 100); functions over 40 lines: $(awk '$1 > 40' "$work/lines" | wc -l), with over 4 parameters: $(awk '$1 > 4' "$work/parameters" | wc -l)"
exit $bad
