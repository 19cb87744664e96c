# Reads what nvcc -Xptxas=-v prints, names demangled. Prints a table, or with mode=--check one line; fails where a kernel
# spills or where there is none.
function up(value, step) { return int((value + step - 1) / step) * step }
function least(a, b) { return a < b ? a : b }
# 65536 registers, 2048 threads and 32 blocks a multiprocessor, registers by 256 a warp, on all three.
function occupancy(arch, threads, registers, shared,    by_registers, by_shared, blocks) {
  by_registers = int(65536 / (threads / 32 * up(registers * 32, 256)))
  by_shared = int((arch == "sm_80" ? 164 : 228) * 1024 / up(shared + 1024, 128))
  blocks = least(least(32, int(2048 / threads)), least(by_registers, by_shared))
  return sprintf("%d (%d %%)", blocks, 100 * blocks * threads / 2048 + 0.5)
}
function threads_of(name,    sizes) {
  if (match(name, /ScanShape<[0-9]+, [0-9]+>/)) {
    split(substr(name, RSTART + 10, RLENGTH - 11), sizes, ", ")
    return sizes[1] * sizes[2]
  }
  # As kernels/device/inner_ss2d.cuh has it: a team of 8 * width, two teams where that is below 128.
  if (match(name, /InnerSs2d<[0-9]+>/)) {
    sizes[1] = substr(name, RSTART + 10, RLENGTH - 11) + 0
    return sizes[1] * (sizes[1] < 16 ? 16 : 8)
  }
  return name ~ /Ss2dMerge/ ? 128 : 256
}
/Compiling entry function/ {
  match($0, /run_kernel<.*>\(/)
  name = substr($0, RSTART + 11, RLENGTH - 13)
  gsub(/spectile::kernels::device::/, "", name); gsub(/ >/, ">", name); sub(/ $/, "", name); gsub(/unsigned short/, "uint16", name)
  gsub(/unsigned char/, "uint8", name); gsub(/short/, "int16", name)
  match($0, /sm_[0-9]+/); arch = substr($0, RSTART, RLENGTH)
}
/bytes spill stores/ { spill = $5 + $9 }
/Used [0-9]+ registers/ {
  match($0, /Used [0-9]+/); registers = substr($0, RSTART + 5, RLENGTH - 5)
  shared = match($0, /[0-9]+ bytes smem/) ? substr($0, RSTART, RLENGTH) + 0 : 0
  if (!(name in seen)) { seen[name] = ++count; names[count] = name }
  archs[arch] = 1
  cell[name, arch] = registers " | " spill " | " occupancy(arch, threads_of(name), registers, shared)
  memory[name] = shared; spills += spill; total++
}
END {
  if (total == 0) { print "no kernel was found in what ptxas said" > "/dev/stderr"; exit 1 }
  if (mode == "--check") { printf "%d kernels by architecture, %d bytes spilled\n", total, spills; exit spills > 0 }
  n = split("sm_80 sm_90 sm_100", order, " ")
  printf "| kernel | threads | shared, bytes |"
  for (i = 1; i <= n; i++) if (order[i] in archs) printf " %s: registers | spilled | blocks |", order[i]
  printf "\n| --- | --- | --- |"
  for (i = 1; i <= n; i++) if (order[i] in archs) printf " --- | --- | --- |"
  printf "\n"
  for (k = 1; k <= count; k++) {
    printf "| `%s` | %d | %d |", names[k], threads_of(names[k]), memory[names[k]]
    for (i = 1; i <= n; i++) if (order[i] in archs) printf " %s |", cell[names[k], order[i]]
    printf "\n"
  }
}