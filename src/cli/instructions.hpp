#pragma once

namespace CLI {
class App;
}

namespace spectile::cli {

/// Holds this process at the instruction level that `--instructions LEVEL` or SPECTILE_INSTRUCTIONS asks for,
/// so that machines of different age give the same bytes: spectile's own kernels, OpenBLAS, oneDNN and ATen.
///
/// OpenBLAS reads its environment when it is loaded, before `main`: where that does not fit, the program
/// starts itself anew with the right one, once; without a level that is asked for, where OpenBLAS does not
/// know the processor (kernels::better_openblas_core). Call before any thread is started. Throws
/// Error{Code::usage} for a level that is not known, Error{Code::device} for one that this machine lacks.
void pin_instructions(int argc, char** argv);

/// The option, for help and parser; `pin_instructions` has acted on it by then.
void declare_instructions(CLI::App& app);

}  // namespace spectile::cli
