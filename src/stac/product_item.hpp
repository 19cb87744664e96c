#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "stac/fields.hpp"

namespace spectile::stac {

/// Where the products lie. Texts are JSON; empty where there is nothing to say.
struct ItemPlace {
    std::string geometry;             ///< GeoJSON in longitude and latitude; empty: nobody knows where it is.
    std::array<double, 4> bbox = {};  ///< West, south, east, north; said with a geometry only.
    std::string crs_code;             ///< "EPSG:32633".
    std::string crs_projjson;         ///< Of a CRS without a code.
    std::int64_t width = 0, height = 0;
    std::optional<std::array<double, 6>> geotransform;  ///< GDAL's order.
};

/// A time, or the first and last; RFC 3339 in UTC.
struct ItemTime {
    std::string begin, end;
};

struct ItemBand {
    std::string name;
    std::optional<double> wavelength_nm, fwhm_nm;
};

/// One product of a run.
struct ProductAsset {
    std::string kind;  ///< class_map, ...: the asset's key.
    std::string path;  ///< Absolute.
    std::string media_type = {};
    std::vector<std::string> roles = {};
    std::uint64_t bytes = 0;
    std::string sha256 = {};  ///< Empty: it differs from run to run (pages that hold times).
    // Of rasters only.
    std::vector<ItemBand> bands = {};
    DataType type = DataType::Byte;
    std::optional<double> nodata = {};
    double scale = 1, offset = 0;
    std::vector<ItemClass> classes = {};
};

/// Everything that an item of products says.
struct ProductItem {
    std::string path;                           ///< Of the item, absolute; hrefs are relative to its folder.
    std::string scene;                          ///< Of a mosaic what stands for one in its id.
    std::size_t scenes = 1;                     ///< That the products are over.
    std::vector<std::string> scene_items = {};  ///< Of a mosaic: paths of the items of its scenes.
    ItemPlace place = {};
    std::optional<ItemTime> time = {};
    std::vector<ProductAsset> assets = {};
    const ModelCard& card;
    std::string model_item;  ///< Path or URL of the model's own item; empty: none is linked.
    std::string recipe = {};
    std::string weights_sha256 = {};
};

/// One STAC item as text. Equal for equal products: no time but the scene's, no host, no path but relative
/// ones.
std::string product_item_text(const ProductItem& item);

}  // namespace spectile::stac
