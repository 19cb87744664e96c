#pragma once

#include <string>
#include <vector>

namespace spectile {

/// Names that a definition may use although other folders own them. An empty list leaves these names free; a
/// list makes an unknown one an error with line and nearest name.
struct KnownNames {
    std::vector<std::string> steps = {};
    std::vector<std::string> architectures = {};
};

/// The kinds of product, in the order of the documentation.
const std::vector<std::string>& product_kinds();

}  // namespace spectile
