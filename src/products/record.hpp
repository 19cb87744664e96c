#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "products/assemble.hpp"

namespace spectile::products {

/// One file of a product, by its name beside the record.
struct RecordedFile {
    std::string name;
    std::int64_t bytes = 0;
    std::string sha256;
    bool operator==(const RecordedFile&) const = default;
};

/// PRODUCT.spectile.json: what a product is and how to recognise it. Equal bytes for equal products: no time,
/// host, path, thread, part or shard.
struct ProductRecord {
    std::string version;              ///< Of spectile.
    std::string kind;                 ///< class_map, probabilities, ...
    std::string recipe;               ///< SHA-256 of the recipe, hex.
    std::string recipe_text;          ///< JSON of the recipe's components.
    std::vector<RecordedFile> files;  ///< The product first, then its sidecars.
    // Of rasters only; block 0 = no raster.
    std::int64_t width = 0, height = 0;
    int block = 0;
    int bands = 0;
    std::string type;                 ///< GDAL's name.
    std::vector<std::string> blocks;  ///< block_checksums.hpp
    std::map<int, std::int64_t> pixels_of_value;
    /// Tiles that could not be read and are nodata: the product is incomplete.
    std::vector<std::string> marked;
    bool operator==(const ProductRecord&) const = default;
};

std::string record_path(const std::string& product);      ///< PRODUCT.spectile.json
std::string provenance_path(const std::string& product);  ///< PRODUCT.provenance.json

/// The record of an assembled raster, whose recipe `job` names; hashes its files. Throws Error{Code::read}.
ProductRecord make_record(const std::string& kind, const std::string& recipe_text, const AssembleJob& job,
                          const AssembleResult& result);
/// The record of a product that is no raster: a GeoPackage, a report, ...
ProductRecord make_file_record(const std::string& kind, const std::string& recipe,
                               const std::string& recipe_text, const std::string& path);

/// The record as text, ending in a newline.
std::string to_json(const ProductRecord& record);
/// Throws Error{Code::verification} naming `path` where it is no record.
ProductRecord record_of_json(const std::string& text, const std::string& path);
/// Of the product at `product`. Throws Error{Code::missing} where it has no record.
ProductRecord read_record(const std::string& product);

/// `provenance` (a JSON object) with `execution` (a JSON object: when, where, how long, threads) put under
/// that key, as text. Everything outside `execution` is equal for equal products. Throws
/// Error{Code::internal} if either is no object.
std::string provenance_text(const std::string& provenance, const std::string& execution);

}  // namespace spectile::products
