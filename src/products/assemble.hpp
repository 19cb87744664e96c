#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "products/raster_product.hpp"
#include "products/stored_part.hpp"
#include "spectile/grid.hpp"
#include "spectile/model.hpp"

namespace spectile::products {

/// What a raster product's final file is made of.
struct AssembleJob {
    std::string target;                ///< Final path; its folder is made if missing.
    std::string driver;                ///< GDAL's short name; empty = default_driver.
    std::vector<std::string> options;  ///< NAME=VALUE; they override ours.
    std::string where;                 ///< Starts messages on bad options: "FILE:LINE: products.KIND: ".
    Grid grid;
    RasterFormat format;
    int block = 512;
    int threads = 1;       ///< For compression; changes no byte.
    ParallelFor parallel;  ///< For reading the finished file; empty: one row of blocks after the other.
    std::vector<StoredPart> parts;
    /// Tags SPECTILE_RECIPE, SPECTILE_MODEL, SPECTILE_MODEL_SHA256.
    std::string recipe, model, model_sha256;
};

/// A finished file that still has to be published.
struct AssembleResult {
    /// Folder beside the target that holds the files below; delete it after publishing.
    std::string temporary;
    std::string partial_path;           ///< The raster, under its final name in that folder.
    std::vector<std::string> sidecars;  ///< Paths of what lies beside it (.aux.xml, .hdr).
    /// Sidecars first, the raster last: for Publication::renames.
    std::vector<std::pair<std::string, std::string>> renames;
    std::vector<std::string> blocks;  ///< XXH3 of every block (block_checksums.hpp).
    /// Of products with a colour table: the area of each class.
    std::map<int, std::int64_t> pixels_of_value;
    std::int64_t bytes = 0;
};

/// COG; GTiff with INTERLEAVE=BAND for outputs that keep bands and for more than 16 bands.
std::string default_driver(const RasterFormat& format);

/// Whether the file of a product will hold its values as they are. Parts are then written likewise: to
/// compress them would be the larger half of a run's work that does little else.
bool stored_as_is(const std::string& driver, const std::vector<std::string>& options);

/// Has GDAL check creation options before anything is computed. Throws Error{Code::definition} starting with
/// `where`.
void check_creation_options(const std::string& driver, const std::vector<std::string>& options,
                            const std::string& where);

/// Joins the parts into the final raster in a temporary folder beside the target, forces it to disk, opens it
/// again and compares every block with the parts'.
///
/// The file's bytes depend on pixels, format, options and GDAL's version only: not on part sizes, threads or
/// time.
///
/// Memory   GDAL's block cache and a few blocks.
/// Throws   Error{Code::publish} where the folder cannot be made, Error{Code::permission},
///          Error{Code::write}, Error{Code::read} naming a damaged part, Error{Code::verification} naming the
///          first block that differs.
AssembleResult assemble(const AssembleJob& job);

}  // namespace spectile::products
