#include "cli/process.hpp"
#include "cli/program.hpp"

int main(int argc, char** argv) {
    spectile::cli::settle_libraries();
    return spectile::cli::run_program(argc, argv);
}
