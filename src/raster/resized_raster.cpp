#include "raster/resized_raster.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>
#include <gdal_utils.h>

#include <atomic>
#include <filesystem>
#include <memory>

#include "raster/dataset.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

struct FreeOptions {
    void operator()(GDALTranslateOptions* options) const { GDALTranslateOptionsFree(options); }
};

}  // namespace

ResizedRaster::ResizedRaster(const std::string& file, int width, int height, const std::string& resampling) {
    static std::atomic<unsigned> count{0};
    // The stem stays: it names the scene.
    name_ = "/vsimem/resized-" + std::to_string(++count) + "/" + std::filesystem::path(file).stem().string() +
            ".vrt";
    const auto source = open_raster(std::filesystem::absolute(file).string(), {});
    CPLStringList words;
    for (const auto& word : {std::string("-of"), std::string("VRT"), std::string("-outsize"),
                             std::to_string(width), std::to_string(height), std::string("-r"), resampling})
        words.AddString(word.c_str());
    const std::unique_ptr<GDALTranslateOptions, FreeOptions> options(
        GDALTranslateOptionsNew(words.List(), nullptr));
    const DatasetHandle resized(
        static_cast<GDALDataset*>(GDALTranslate(name_.c_str(), source.get(), options.get(), nullptr)));
    if (!resized)
        throw Error(Code::scene, file + ": cannot be brought to " + std::to_string(width) + "x" +
                                     std::to_string(height) + " pixels");
}

ResizedRaster::~ResizedRaster() { VSIUnlink(name_.c_str()); }

}  // namespace spectile
