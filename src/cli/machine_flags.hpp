#pragma once

#include <string>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace spectile::cli {

/// --threads; 0 where it is not given.
CLI::Option* declare_threads(CLI::App& app, int& threads);

/// --device; `choices` says what may be written.
CLI::Option* declare_device(CLI::App& app, std::string& device, const std::string& choices);

}  // namespace spectile::cli
