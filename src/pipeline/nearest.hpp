#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace spectile::definition {

/// The known name most like `name`: fewest single-letter edits (swapped neighbours count as one), at most a
/// third of its length and at most three. Empty where none is near. Ties go to the first.
std::string nearest(std::string_view name, const std::vector<std::string>& known);

/// "; did you mean 'model'?", or "; known: a, b, c" where nothing is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& known);

}  // namespace spectile::definition
