# Sourced by the scripts beside it: commands timed in turns, their medians and ratios. Debian: time, jq.
export OMP_NUM_THREADS=1

# timed NAME COMMAND...: adds "wall cpu peak", in seconds and MiB, to NAME.times. What it printed is in NAME.log.
timed() {
  local name=$1
  shift
  command time -f '%e %U %S %M' -o "$name.seconds" "$@" > "$name.log" 2>&1 || { cat "$name.log" >&2; exit 1; }
  tail -n 1 "$name.seconds" | awk -v name="$name" '{print $1, $2 + $3, $4 / 1024 >> (name ".times")}'
}

# median NAME COLUMN [GROUP]: of the sums over groups of lines.
median() {
  awk -v c="$2" -v g="${3:-1}" '{s += $c} NR % g == 0 {print s; s = 0}' "$1.times" | sort -g |
    awk '{v[NR] = $1} END {print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2}'
}

ratio() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f", a / b}'; }

# compare WHAT A B: medians of A over those of B, wall and CPU.
compare() {
  echo "$1: wall $(ratio "$(median "$2" 1)" "$(median "$3" 1)"), CPU $(ratio "$(median "$2" 2)" "$(median "$3" 2)")" \
    "($(median "$2" 1) and $(median "$3" 1) s, $(median "$2" 2) and $(median "$3" 2) s of CPU," \
    "peaks $(median "$2" 3 | cut -d. -f1) and $(median "$3" 3 | cut -d. -f1) MiB)"
}
