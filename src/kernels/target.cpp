#include "kernels/target.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "hwy/targets.h"

namespace spectile::kernels {
namespace {

struct Alias {
    const char* name;
    const char* target;
};
constexpr Alias kAliases[] = {
    {"scalar", "SCALAR"}, {"sse4", "SSE4"}, {"avx2", "AVX2"}, {"avx512", "AVX3"}, {"neon", "NEON"}};

std::string highway_name_of(const std::string& name) {
    std::string lower = name;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const Alias& alias : kAliases)
        if (lower == alias.name) return alias.target;
    return name;
}

void dispatch_to(std::int64_t targets) {
    hwy::SetSupportedTargetsForTest(targets);
    hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/// What the machine and this build have, whatever is pinned.
std::vector<std::int64_t> usable_targets() {
    const std::int64_t pinned = hwy::SupportedTargets();
    hwy::SetSupportedTargetsForTest(0);
    auto targets = hwy::SupportedAndGeneratedTargets();
    const std::int64_t all = hwy::SupportedTargets();
    hwy::SetSupportedTargetsForTest(pinned == all ? 0 : pinned);
    return targets;
}

}  // namespace

std::string target_name() {
    const std::int64_t usable = hwy::SupportedTargets() & HWY_TARGETS;
    return hwy::TargetName(usable & -usable);
}

std::vector<std::string> available_targets() {
    std::vector<std::string> names;
    for (const std::int64_t target : usable_targets()) names.emplace_back(hwy::TargetName(target));
    return names;
}

void pin_target(const std::string& name) {
    if (name == "auto") return dispatch_to(0);
    const std::string wanted = highway_name_of(name);
    std::string known;
    for (const std::int64_t target : usable_targets()) {
        if (wanted == hwy::TargetName(target)) return dispatch_to(target);
        known += std::string(known.empty() ? "" : ", ") + hwy::TargetName(target);
    }
    throw std::invalid_argument("instruction level '" + name +
                                "' is not available here; choose auto or one of " + known);
}

const char* better_openblas_core(std::string_view chosen, std::string_view target) {
    constexpr std::array<std::string_view, 8> kFused = {
        "Haswell",        "Zen",       "SkylakeX",    "Cooperlake",
        "Sapphirerapids", "Excavator", "Steamroller", "Piledriver"};
    if (chosen.empty() || std::find(kFused.begin(), kFused.end(), chosen) != kFused.end()) return nullptr;
    return target.starts_with("AVX3") ? "SKYLAKEX" : target == "AVX2" ? "HASWELL" : nullptr;
}

}  // namespace spectile::kernels
