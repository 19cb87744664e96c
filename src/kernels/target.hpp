#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spectile::kernels {

/// The Highway target in use on this machine, e.g. "AVX2", "AVX3_ZEN4", "SSE4": part of every recipe.
std::string target_name();

/// Pins dispatch to `name` (as `target_name` spells it) or better-known aliases sse4, avx2, avx512; "auto"
/// undoes it. Call before the first kernel. Throws std::invalid_argument if unknown or this machine or build
/// has no such target.
void pin_target(const std::string& name);

/// Every target that this machine and this build have, best first, as `target_name` spells them.
std::vector<std::string> available_targets();

/// The core that OpenBLAS should use in place of the one that it has `chosen` (its own spelling) on a machine
/// whose kernels run at the level `target` (Highway's spelling); null where its choice is as good, or
/// OPENBLAS_CORETYPE would be no help.
const char* better_openblas_core(std::string_view chosen, std::string_view target);

}  // namespace spectile::kernels
