#include "cli/instructions.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/target.hpp"
#include "pipeline/nearest.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

/// How each library spells a level.
struct Level {
    const char* name;
    const char* openblas;
    const char* onednn;
    const char* aten;
};
constexpr std::array kLevels = {
    Level{"sse4", "NEHALEM", "SSE41", "default"}, Level{"avx2", "HASWELL", "AVX2", "avx2"},
    Level{"avx512", "SKYLAKEX", "AVX512_CORE", "avx512"}, Level{"neon", "ARMV8", nullptr, "default"}};

std::string asked(int argc, char** argv) {
    const std::string option = "--instructions", joined = option + "=";
    for (int i = 1; i < argc; ++i) {
        if (argv[i] == option && i + 1 < argc) return argv[i + 1];
        if (std::string(argv[i]).starts_with(joined)) return argv[i] + joined.size();
    }
    const char* named = std::getenv("SPECTILE_INSTRUCTIONS");
    return named ? named : "";
}

const Level& level_of(const std::string& name) {
    for (const auto& level : kLevels)
        if (name == level.name) return level;
    std::vector<std::string> known = {"auto"};
    for (const auto& level : kLevels) known.emplace_back(level.name);
    throw Error(Code::usage, "--instructions '" + name +
                                 "' is not known: write auto, sse4, avx2, avx512 or neon" +
                                 definition::suggestion(name, known));
}

/// What OpenBLAS has chosen; empty where another BLAS is in its place.
std::string openblas_core() {
    const auto name = reinterpret_cast<char* (*)()>(::dlsym(RTLD_DEFAULT, "openblas_get_corename"));
    return name ? name() : "";
}

/// Sets a variable. Whether it had another value.
bool changes(const char* variable, const char* value) {
    if (!value) return false;
    const char* before = std::getenv(variable);
    if (before && std::strcmp(before, value) == 0) return false;
    setenv(variable, value, /*overwrite=*/1);
    return true;
}

[[noreturn]] void start_anew(char** argv, const std::string& why) {
    ::execv("/proc/self/exe", argv);
    throw Error(Code::internal, why + ": the program cannot start itself anew: " + std::strerror(errno));
}

/// A processor that is younger than OpenBLAS is taken for one of 2004, whose products are four times as slow.
void use_better_openblas_core(char** argv) {
    if (std::getenv("OPENBLAS_CORETYPE")) return;
    const char* better = kernels::better_openblas_core(openblas_core(), kernels::target_name());
    if (!better) return;
    setenv("OPENBLAS_CORETYPE", better, /*overwrite=*/1);
    start_anew(argv, std::string("OPENBLAS_CORETYPE=") + better);
}

}  // namespace

void declare_instructions(CLI::App& app) {
    app.add_option_function<std::string>(
           "--instructions", [](const std::string&) {},
           "Instruction level for equal bytes on unequal machines: auto, sse4, avx2, avx512 or neon")
        ->type_name("LEVEL")
        ->default_str("auto")
        ->group("Run");
}

void pin_instructions(int argc, char** argv) {
    const std::string name = asked(argc, argv);
    if (name.empty() || name == "auto") return use_better_openblas_core(argv);
    const Level& level = level_of(name);
    try {
        kernels::pin_target(name);
    } catch (const std::invalid_argument& error) {
        throw Error(Code::device, std::string(error.what()));
    }
    const bool other = changes("OPENBLAS_CORETYPE", level.openblas);
    const bool another = changes("ONEDNN_MAX_CPU_ISA", level.onednn);
    if (!changes("ATEN_CPU_CAPABILITY", level.aten) && !other && !another) return;
    start_anew(argv, "--instructions " + name);
}

}  // namespace spectile::cli
