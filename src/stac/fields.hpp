#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "spectile/data_type.hpp"
#include "spectile/model.hpp"

// What items of products and of models share: STAC 1.1.0 and the extensions' fields.

namespace spectile::stac {

using Json = nlohmann::ordered_json;

inline constexpr const char* kStacVersion = "1.1.0";
inline constexpr const char* kClassification =
    "https://stac-extensions.github.io/classification/v1.1.0/schema.json";
inline constexpr const char* kFile = "https://stac-extensions.github.io/file/v2.1.0/schema.json";
inline constexpr const char* kMlm = "https://stac-extensions.github.io/mlm/v1.5.2/schema.json";
inline constexpr const char* kMediaTypeOfItem = "application/geo+json";

/// A class as classification:classes has it.
struct ItemClass {
    int value = 0;
    std::string name;  ///< In full; the item's `name` is a word made of it.
    std::array<std::uint8_t, 3> color = {0, 0, 0};
    bool nodata = false;
};

/// classification:classes. Its names hold letters, digits, - and _ only: "low vegetation" is low_vegetation
/// there, and the name in full is its title and description. Names that fall together get their value.
Json classes_json(const std::vector<ItemClass>& classes);
std::vector<ItemClass> item_classes(const ModelCard& card);

/// file:size and file:checksum (a multihash: 12 = SHA-256, 20 = 32 bytes) put into an asset.
void add_file_fields(Json& asset, std::uint64_t bytes, const std::string& sha256);
/// SHA-256 in hex out of a multihash; empty where it is another function.
std::string sha256_of_multihash(const std::string& multihash);

/// STAC's name of a type: uint8, float32, ...; "other" for complex values.
std::string data_type_name(DataType type);

/// How an item in `folder` refers to a file: "./map.tif", with bytes that a URL cannot hold as %XX. Both
/// paths are absolute; a URL stays as it is.
std::string href_of(const std::string& path, const std::string& folder);
/// The path that an item's href means; empty for a URL other than file:.
std::string path_of_href(const std::string& href, const std::string& folder);

/// Properties for something whose time nobody knows: STAC wants a range then, and this one holds every time.
void add_any_time(Json& properties);

}  // namespace spectile::stac
