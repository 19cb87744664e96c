#!/usr/bin/env bash
# A cluster of many nodes, simulated: every task is a real process, two at a time, on one folder that stands for the
# shared file system. What is counted is what that file system is asked for, not how fast this machine answers.
#
#   tests/benchmark/many_nodes.sh BUILD WORK [SCENES [NODES]]       (Debian: gdal-bin, strace, time)
#
# First SCENES small scenes in one folder over NODES tasks, with tables of results, and the merge. Then one scene of 4096
# parts over NODES shards of a manifest.
set -euo pipefail
spectile=$(realpath "$1")/spectile work=$2 scenes=${3:-10000} nodes=${4:-1000}
export OMP_NUM_THREADS=1 GDAL_PAM_ENABLED=YES
rm -rf "$work" && mkdir -p "$work/inbox" "$work/identity" && cd "$work"
work=$PWD
printf 'spectile: 1\narchitecture: identity\n' > identity/model.yaml

seconds() { date +%s.%N; }
since() { awk -v a="$1" -v b="$(seconds)" 'BEGIN {printf "%.1f", b - a}'; }
# counted COMMAND...: calls that reach the folder, by name, into calls.txt. Reads and writes of open files are left out.
counted() {
  # From another folder: -y would name this one with every relative path.
  (cd / && strace -f -qq -y -o "$work/trace.txt" -e trace=%file,fsync,fdatasync,getdents64 "$@" > /dev/null 2>&1) || return $?
  grep -F "$work" trace.txt | sed -E 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/' | sort | uniq -c | sort -rn > calls.txt
}
calls() { awk '{n += $1} END {print n + 0}' calls.txt; }
shown() { awk '{printf "%s%s %s", (NR > 1 ? ", " : ""), $2, $1} END {print ""}' calls.txt; }

gdal_create -q -of GTiff -ot Byte -outsize 256 256 -burn 7 -a_srs EPSG:32633 -a_ullr 0 2560 2560 0 \
  -co COMPRESS=ZSTD scene.tif
for ((i = 0; i < scenes; ++i)); do echo "inbox/s$i.tif"; done | xargs -n 1000 sh -c 'for f; do cp scene.tif "$f"; done' _
cat > many.yaml << END
spectile: 1
scenes: inbox/*.tif
model: identity
products:
  bands: {path: 'out/{stem}.tif'}
END
task() { "$spectile" run many.yaml --threads 1 --shard "$1/$nodes" --results results.csv -q > "log.$1" 2>&1 || echo "$1" >> failed; }
export -f task
export spectile nodes
begin=$(seconds)
seq 2 "$nodes" | xargs -P 2 -I K bash -c 'task K'
took=$(since "$begin")
[ ! -e failed ] || { echo "tasks failed: $(wc -l < failed)"; exit 1; }
each=$((scenes / nodes))
counted "$spectile" run "$work/many.yaml" --threads 1 --shard "1/$nodes" --results "$work/results.csv" -q
first=$(calls)
echo "a task of $each scenes, $((3 * scenes)) files in the folder of products: $first calls; $(shown)"
echo "$((nodes - 1)) tasks: $took s on this machine, two at a time"
begin=$(seconds)
/usr/bin/time -f '%M' -o memory "$spectile" merge many.yaml --threads 2 --results results.csv -q > /dev/null
echo "merge: $(since "$begin") s, $(($(cat memory) / 1024)) MiB, $(($(wc -l < results.csv) - 1)) scenes in a table of $(stat -c %s results.csv) bytes"

# One scene of 64 x 64 parts of 512, over all nodes.
gdal_create -q -of GTiff -ot Byte -outsize 32768 32768 -a_nodata 0 -a_srs EPSG:32633 -a_ullr 0 327680 327680 0 \
  -co COMPRESS=ZSTD -co TILED=YES -co SPARSE_OK=TRUE -co BIGTIFF=YES large.tif
cat > one.yaml << END
spectile: 1
scene: {path: large.tif}
model: identity
tiling: {part: 512}
products:
  bands: {path: large/map.tif}
END
begin=$(seconds)
"$spectile" plan one.yaml --shards "$nodes" --manifest manifest.json -q > /dev/null
echo "plan of 4096 parts over $nodes shards: $(since "$begin") s, manifest of $(stat -c %s manifest.json) bytes"
shard() { "$spectile" run one.yaml --manifest manifest.json --threads 1 --shard "$1" -q > "log.$1" 2>&1 || echo "$1" >> failed; }
export -f shard
begin=$(seconds)
seq 2 "$nodes" | xargs -P 2 -I K bash -c 'shard K'
echo "$((nodes - 1)) shards: $(since "$begin") s on this machine, two at a time"
counted "$spectile" run "$work/one.yaml" --manifest "$work/manifest.json" --threads 1 --shard 1 -q
echo "a shard of $(awk -v n="$nodes" 'BEGIN {printf "%.1f", 4096 / n}') parts: $(calls) calls; $(shown)"
[ ! -e failed ] || { echo "shards failed: $(wc -l < failed)"; exit 1; }
ledgers=(large/.map.tif.spectile/ledger-*)
echo "journals: ${#ledgers[@]} files, $(cat "${ledgers[@]}" | wc -c) bytes"
begin=$(seconds)
"$spectile" status large/.map.tif.spectile > /dev/null
echo "status: $(since "$begin") s"
begin=$(seconds)
/usr/bin/time -f '%M' -o memory "$spectile" merge one.yaml --manifest manifest.json --threads 2 -q > /dev/null
echo "merge: $(since "$begin") s, $(($(cat memory) / 1024)) MiB"
