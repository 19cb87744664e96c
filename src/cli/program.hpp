#pragma once

namespace spectile::cli {

/// Parses the command line, does what it says, prints errors as one line and returns the exit status.
/// The one place where exceptions end.
int run_program(int argc, char** argv);

}  // namespace spectile::cli
