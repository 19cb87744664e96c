#include "raster/preview.hpp"

#include <cpl_string.h>
#include <gdal_utils.h>

#include <algorithm>
#include <atomic>
#include <filesystem>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr const char* kFolder = "/vsimem/spectile-preview-";

int cells(int size, int step) { return (size + step - 1) / step; }

}  // namespace

int preview_step(GDALDataset& dataset, int longest) {
    if (longest <= 0) return 1;
    return cells(std::max(dataset.GetRasterXSize(), dataset.GetRasterYSize()), longest);
}

std::string coarse_view(GDALDataset& dataset, const std::string& name, int step) {
    static std::atomic<unsigned> count{0};
    const std::string target =
        kFolder + std::to_string(++count) + "/" + std::filesystem::path(name).stem().string() + ".vrt";
    CPLStringList arguments;
    for (const char* word : {"-of", "VRT", "-r", "nearest", "-outsize"}) arguments.AddString(word);
    arguments.AddString(std::to_string(cells(dataset.GetRasterXSize(), step)).c_str());
    arguments.AddString(std::to_string(cells(dataset.GetRasterYSize(), step)).c_str());
    auto* options = GDALTranslateOptionsNew(arguments.List(), nullptr);
    const GdalErrors errors;
    int usage_error = 0;
    const DatasetHandle view(GDALDataset::FromHandle(
        GDALTranslate(target.c_str(), GDALDataset::ToHandle(&dataset), options, &usage_error)));
    GDALTranslateOptionsFree(options);
    if (!view || usage_error) throw Error(Code::scene, name + ": has no preview", errors.text());
    return target;
}

bool is_coarse_view(const std::string& name) { return name.starts_with(kFolder); }

}  // namespace spectile
