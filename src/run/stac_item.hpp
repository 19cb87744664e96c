#pragma once

#include <string>
#include <vector>

#include "products/record.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"

namespace spectile::run {

/// A product whose file is finished under its temporary name.
struct FinishedFile {
    std::string kind;
    products::RecordedFile file;
};

/// What an item is made of.
struct ItemSource {
    const Job& job;
    const Recipe& recipe;
    const std::vector<FinishedFile>& files;
};

/// Throws Error{Code::definition} for keys of the `stac` product that say nothing: before anything is
/// computed.
void check_stac(const ProductDefinition& definition);

/// The STAC item of a scene's products, as text. Where the scene has no place or no time, a warning in
/// `report` says what the item has instead.
std::string stac_item(const ItemSource& source, const ProductDefinition& definition, RunReport& report);

}  // namespace spectile::run
