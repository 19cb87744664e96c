#pragma once

#include <optional>
#include <string>
#include <vector>

#include "products/record.hpp"
#include "raster/acquisition.hpp"
#include "run/job.hpp"
#include "run/recipe.hpp"
#include "spectile/run.hpp"
#include "stac/product_item.hpp"

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

/// What the keys of the `stac` product say.
struct StacKeys {
    std::optional<Acquisition> datetime;
    std::string model_item;  ///< Path or URL; empty: the usual one, where it is there.
};

/// Throws Error{Code::definition} naming the key.
StacKeys stac_keys(const ProductDefinition& definition);

/// The model's item: as named, or beside the card under its usual name; empty where there is none.
std::string model_item_path(const std::string& named, const Job& job);

/// Warns of an item without a place or a time, and says what it has instead. `what` begins the lines.
void say_what_is_unknown(const stac::ProductItem& item, const std::string& what, RunReport& report);

/// The STAC item of a scene's products, as text. Where the scene has no place or no time, a warning in
/// `report` says what the item has instead.
std::string stac_item(const ItemSource& source, const ProductDefinition& definition, RunReport& report);

}  // namespace spectile::run
