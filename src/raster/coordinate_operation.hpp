#pragma once

#include <array>
#include <optional>
#include <string>

#include "spectile/target_grid.hpp"

namespace spectile {

/// West, south, east, north in degrees.
using DegreeBox = std::array<double, 4>;

/// Where on Earth a grid lies; nothing where its CRS does not lead to degrees.
std::optional<DegreeBox> degrees_of(const Grid& source);

/// The best operation that PROJ knows from one CRS (WKT) to another for this part of the world, whatever
/// grids are installed. Two CRS that are one need none.
///
/// Throws Error{Code::scene}, the message begun with `where`, where PROJ knows no more than a ballpark (the
/// datums' difference left out), and where the best one needs a grid that is not installed: the next best
/// would give other pixels on another machine.
CoordinateOperation choose_operation(const std::string& from, const std::string& to,
                                     const std::optional<DegreeBox>& place, const std::string& where);

}  // namespace spectile
