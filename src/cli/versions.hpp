#pragma once

#include <string>

namespace spectile::cli {

/// Version of the program and, one a line, of the libraries it runs with, as they say themselves.
/// With `all`, LibTorch's too, which takes as long as loading it.
std::string version_text(bool all);

}  // namespace spectile::cli
