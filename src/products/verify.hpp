#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "spectile/window.hpp"

namespace spectile::products {

/// What came of checking a product against its own record.
struct VerifyReport {
    std::string product;
    std::string kind;
    std::string recipe;
    std::int64_t blocks = 0;         ///< Checked; those after the first bad one are not.
    std::int64_t bytes = 0;          ///< Of the product and its sidecars.
    std::vector<std::string> files;  ///< Checked, by name.
    std::vector<std::string> notes;  ///< What differs and does no harm, one line each.
    std::string fault;               ///< Empty: whole. Else one line naming file, block and window.
    std::optional<std::int64_t> bad_block;
    std::optional<Window> bad_window;
};

/// Recomputes the checksums of every block, then of every file, and stops at the first that differs. A
/// sidecar in which GDAL or QGIS kept the statistics of somebody who looked is noted and passed over. Throws
/// Error{Code::missing} where product or record are not there, Error{Code::verification} for a damaged
/// record.
VerifyReport check_product(const std::string& product);

/// As `check_product`, but throws Error{Code::verification} with the fault.
VerifyReport verify(const std::string& product);

}  // namespace spectile::products
