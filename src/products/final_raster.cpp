#include "products/final_raster.hpp"

#include <cpl_string.h>

#include <algorithm>
#include <bit>
#include <filesystem>

#include "core/text_file.hpp"
#include "products/assemble.hpp"
#include "products/describe_raster.hpp"
#include "products/durable_file.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

const char* name_of(OverviewResampling resampling) {
    switch (resampling) {
        case OverviewResampling::mode:
            return "MODE";
        case OverviewResampling::average:
            return "AVERAGE";
        case OverviewResampling::nearest:
            break;
    }
    return "NEAREST";
}

void set(CPLStringList& options, const char* name, const std::string& value) {
    options.SetNameValue(name, value.c_str());
}

void override_by_user(CPLStringList& options, const std::vector<std::string>& given) {
    for (const auto& option : given) {
        const auto equals = option.find('=');
        set(options, option.substr(0, equals).c_str(), option.substr(equals + 1));
    }
}

/// Differences of neighbours compress continuous values; class numbers have no order to exploit.
bool gains_by_prediction(const RasterFormat& format) {
    return format.colors.empty() && format.type != DataType::Byte;
}

CPLStringList cog_options(const FinalRaster& raster) {
    CPLStringList options;
    set(options, "BLOCKSIZE", std::to_string(std::max(128, raster.block)));
    set(options, "COMPRESS", lossless_codec(driver_of("COG")));
    set(options, "OVERVIEW_RESAMPLING", name_of(raster.format.overviews));
    set(options, "BIGTIFF", "YES");
    set(options, "NUM_THREADS", std::to_string(raster.threads));
    if (gains_by_prediction(raster.format)) set(options, "PREDICTOR", "YES");
    override_by_user(options, raster.options);
    return options;
}

/// Of drivers that need no more than to be kept from writing down the moment.
CPLStringList plain_options(const FinalRaster& raster) {
    CPLStringList options;
    if (raster.driver == "netCDF") {
        set(options, "WRITE_GDAL_HISTORY", "NO");
    }
    override_by_user(options, raster.options);
    return options;
}

CPLStringList gtiff_options(const FinalRaster& raster) {
    CPLStringList options;
    const auto& format = raster.format;
    const std::string codec = lossless_codec(driver_of("GTiff"));
    set(options, "TILED", "YES");
    set(options, "BLOCKXSIZE", std::to_string(raster.block));
    set(options, "BLOCKYSIZE", std::to_string(raster.block));
    set(options, "INTERLEAVE", format.bands > 1 ? "BAND" : "PIXEL");
    set(options, "BIGTIFF", "YES");
    set(options, "COMPRESS", codec);
    set(options, "NUM_THREADS", std::to_string(raster.threads));
    if (gains_by_prediction(format)) set(options, "PREDICTOR", format.type == DataType::Float32 ? "3" : "2");
    // Three or four bands of bytes are not a picture: without this a class's probability would become the
    // alpha band.
    if (format.colors.empty()) {
        set(options, "PHOTOMETRIC", "MINISBLACK");
        set(options, "ALPHA", "NO");
    }
    if (needs_signed_byte(format.type)) set(options, "PIXELTYPE", "SIGNEDBYTE");
    override_by_user(options, raster.options);
    const char* compress = options.FetchNameValue("COMPRESS");
    const bool predicts =
        compress && (EQUAL(compress, "ZSTD") || EQUAL(compress, "DEFLATE") || EQUAL(compress, "LZW"));
    if (!predicts) options.SetNameValue("PREDICTOR", nullptr);
    if (!CPLTestBool(options.FetchNameValue("TILED"))) {
        options.SetNameValue("BLOCKXSIZE", nullptr);
        options.SetNameValue("BLOCKYSIZE", nullptr);
        override_by_user(options, raster.options);
    }
    return options;
}

/// Storage blocks in the order in which they lie in the file: row by row, each band of a row after the other
/// where bands lie apart, all bands of a block where they lie together.
void write_blocks(GDALDataset& dataset, const FinalRaster& raster, PartMosaic& mosaic) {
    int block_width = 0, block_height = 0;
    dataset.GetRasterBand(1)->GetBlockSize(&block_width, &block_height);
    const GDALDataType type = gdal_type_of(raster.format.type);
    const auto& grid = mosaic.grid();
    std::vector<std::byte> buffer(static_cast<std::size_t>(block_width) *
                                  static_cast<std::size_t>(block_height) *
                                  static_cast<std::size_t>(GDALGetDataTypeSizeBytes(type)));
    const auto write = [&](std::int64_t col, std::int64_t row, int band) {
        const Window window = intersect({col * block_width, row * block_height, block_width, block_height},
                                        {0, 0, grid.width, grid.height});
        std::fill(buffer.begin(), buffer.end(), std::byte{0});
        mosaic.read(window, band, type, buffer.data(), block_width);
        const GdalErrors errors;
        const CPLErr result = dataset.GetRasterBand(band + 1)->WriteBlock(
            static_cast<int>(col), static_cast<int>(row), buffer.data());
        if (result != CE_None || errors.failed())
            throw_write_error(raster.path, "cannot be written in window " + to_string(window), errors.text());
    };
    const char* interleave = dataset.GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE");
    const bool together = interleave && EQUAL(interleave, "PIXEL");
    const std::int64_t cols = (grid.width + block_width - 1) / block_width;
    const std::int64_t rows = (grid.height + block_height - 1) / block_height;
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t outer = 0; outer < (together ? cols : raster.format.bands); ++outer)
            for (std::int64_t inner = 0; inner < (together ? raster.format.bands : cols); ++inner)
                together ? write(outer, row, static_cast<int>(inner))
                         : write(inner, row, static_cast<int>(outer));
}

void close_checked(DatasetHandle dataset, const std::string& path) {
    const GdalErrors errors;
    dataset->FlushCache(true);
    dataset.reset();
    if (errors.failed()) throw_write_error(path, "cannot be closed", errors.text());
}

DatasetHandle create_gtiff(const FinalRaster& raster, const BlockGrid& grid) {
    const GdalErrors errors;
    const auto options = gtiff_options(raster);
    DatasetHandle dataset(driver_of("GTiff").Create(raster.path.c_str(), static_cast<int>(grid.width),
                                                    static_cast<int>(grid.height), raster.format.bands,
                                                    gdal_type_of(raster.format.type), options.List()));
    if (!dataset || errors.failed()) throw_write_error(raster.path, "cannot be created", errors.text());
    describe_dataset(*dataset, raster.georeference, raster.tags);
    describe_bands(*dataset, raster.format);
    if (errors.failed()) throw_write_error(raster.path, "cannot be described", errors.text());
    return dataset;
}

/// While it lives GDAL makes overviews in blocks of this side. Those of a virtual raster would have 128
/// pixels, sixteen times as many blocks, each with a compressor of its own.
class OverviewBlocks {
public:
    explicit OverviewBlocks(int side) : before_(CPLGetThreadLocalConfigOption(kName, "")) {
        if (std::has_single_bit(static_cast<unsigned>(side)) && side >= 64 &&
            side <= 4096)  // as GDAL wants it
            CPLSetThreadLocalConfigOption(kName, std::to_string(side).c_str());
    }
    ~OverviewBlocks() { CPLSetThreadLocalConfigOption(kName, before_.empty() ? nullptr : before_.c_str()); }
    OverviewBlocks(const OverviewBlocks&) = delete;
    OverviewBlocks& operator=(const OverviewBlocks&) = delete;

private:
    static constexpr const char* kName = "GDAL_TIFF_OVR_BLOCKSIZE";
    std::string before_;
};

DatasetHandle copy_to_driver(const FinalRaster& raster, const PartMosaic& mosaic) {
    const GdalErrors errors;
    const OverviewBlocks blocks(raster.block);
    const auto source = mosaic.as_virtual_raster(raster.format);
    describe_dataset(*source, raster.georeference, raster.tags);
    RasterFormat format = raster.format;
    // Zarr has no place for them and calls that a failure; the names stand in the tag SPECTILE_CLASSES too.
    if (raster.driver == "Zarr") format.colors.clear(), format.categories.clear();
    describe_bands(*source, format);
    CPLStringList options;
    if (raster.driver == "COG")
        options = cog_options(raster);
    else
        options = plain_options(raster);
    DatasetHandle copy(
        driver_of(raster.driver)
            .CreateCopy(raster.path.c_str(), source.get(), false, options.List(), nullptr, nullptr));
    if (!copy || errors.failed()) throw_write_error(raster.path, "cannot be written", errors.text());
    // The driver for ENVI does not copy its own domain, without which wavelengths are lost.
    if (raster.driver == "ENVI")
        for (const auto& [key, value] : envi_items(raster.format))
            copy->SetMetadataItem(key.c_str(), value.c_str(), "ENVI");
    return copy;
}

/// The driver for ENVI writes the path into the header; a product holds no temporary name.
void clean_envi_headers(const std::string& path) {
    const std::string folder = folder_of(path) + "/";
    for (const auto& entry : std::filesystem::directory_iterator(folder_of(path))) {
        if (entry.path().extension() != ".hdr") continue;
        std::string text = read_text_file(entry.path().string());
        for (auto at = text.find(folder); at != std::string::npos; at = text.find(folder, at))
            text.erase(at, folder.size());
        write_text_file(entry.path().string(), text);
    }
}

}  // namespace

void check_creation_options(const std::string& driver, const std::vector<std::string>& options,
                            const std::string& where) {
    auto& found = driver_of(driver);
    const auto can = [&](const char* capability) {
        return CPLFetchBool(found.GetMetadata(), capability, false);
    };
    const bool writes = can(GDAL_DCAP_RASTER) && (can(GDAL_DCAP_CREATE) || can(GDAL_DCAP_CREATECOPY));
    if (!writes)
        throw Error(Code::definition, where + "format '" + driver + "': GDAL cannot write rasters in it");
    if (EQUAL(driver.c_str(), "VRT") || EQUAL(driver.c_str(), "MEM"))
        throw Error(Code::definition,
                    where + "format '" + driver +
                        "' holds no pixels of its own, a product must; use COG (a VRT over several scenes: "
                        "mosaic)");
    CPLStringList list;
    for (const auto& option : options) {
        if (option.find('=') == std::string::npos)
            throw Error(Code::definition, where + "option '" + option + "' is not of the form NAME=VALUE");
        list.AddString(option.c_str());
    }
    const GdalErrors errors;
    if (!GDALValidateCreationOptions(&found, list.List()) || errors.failed())
        throw Error(Code::definition, where + "options: " + driver + " does not take them: " + errors.text(),
                    errors.text());
}

void write_final_raster(const FinalRaster& raster, PartMosaic& mosaic) {
    const GdalErrors unheard;  // Of a file that is given up while an exception is under way.
    DatasetHandle dataset;
    if (raster.driver == "GTiff") {
        dataset = create_gtiff(raster, mosaic.grid());
        write_blocks(*dataset, raster, mosaic);
    } else {
        dataset = copy_to_driver(raster, mosaic);
    }
    close_checked(std::move(dataset), raster.path);
    if (raster.driver == "ENVI") clean_envi_headers(raster.path);
}

}  // namespace spectile::products
