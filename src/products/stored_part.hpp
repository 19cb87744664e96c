#pragma once

#include <string>
#include <vector>

#include "spectile/window.hpp"

namespace spectile::products {

/// A finished part, as the ledger remembers it.
struct StoredPart {
    std::string path;
    Window window;                    ///< In output pixels; starts at a multiple of the block size.
    std::vector<std::string> blocks;  ///< PartRecord::blocks.
};

}  // namespace spectile::products
