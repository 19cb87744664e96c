#include "raster/opened_raster.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "gdal/errors.hpp"
#include "raster/band_metadata.hpp"
#include "raster/envi_layout.hpp"
#include "raster/georeference.hpp"
#include "raster/preview.hpp"
#include "raster/remote.hpp"
#include "raster/standard_input.hpp"
#include "raster/tiff_layout.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

Storage storage_of(GDALDataset& dataset) {
    Storage storage;
    if (dataset.GetDriver()) storage.driver = dataset.GetDriver()->GetDescription();
    const char* interleave = dataset.GetMetadataItem("INTERLEAVE", "IMAGE_STRUCTURE");
    if (interleave && EQUAL(interleave, "PIXEL") && dataset.GetRasterCount() > 1)
        storage.interleave = Interleave::pixel;
    if (interleave && EQUAL(interleave, "LINE") && dataset.GetRasterCount() > 1)
        storage.interleave = Interleave::line;
    dataset.GetRasterBand(1)->GetBlockSize(&storage.block_width, &storage.block_height);
    const char* compression = dataset.GetMetadataItem("COMPRESSION", "IMAGE_STRUCTURE");
    storage.compressed = compression && !EQUAL(compression, "NONE");
    return storage;
}

void find_masks(GDALDataset& dataset, RasterSource& source) {
    for (int i = 1; i <= dataset.GetRasterCount(); ++i) {
        GDALRasterBand& band = *dataset.GetRasterBand(i);
        if (band.GetColorInterpretation() == GCI_AlphaBand && source.alpha_band == 0) source.alpha_band = i;
        const int flags = band.GetMaskFlags();
        if (flags & (GMF_ALL_VALID | GMF_ALPHA)) continue;
        if (flags & GMF_PER_DATASET)
            source.dataset_mask = true;  // A mask file or internal mask, or NODATA_VALUES.
        else if (!(flags & GMF_NODATA))
            source.bands[static_cast<std::size_t>(i) - 1].own_mask = true;
    }
}

NodataRule exact_nodata(GDALRasterBand& band, const BandInfo& info) {
    if (!info.nodata) return {};
    NodataRule rule = nodata_rule(info.type, *info.nodata);
    int has = FALSE;
    if (info.type == DataType::Int64) {
        const auto value = band.GetNoDataValueAsInt64(&has);
        if (has) rule = {.present = true, .signed_value = value};
    } else if (info.type == DataType::UInt64) {
        const auto value = band.GetNoDataValueAsUInt64(&has);
        if (has) rule = {.present = true, .unsigned_value = value};
    }
    return rule;
}

/// Blocks are decoded whole, whatever the window: beyond this size that is worth a word.
constexpr double kLargeBlockMiB = 256;

void warn_of_blocks(OpenedRaster& raster) {
    const Storage& storage = raster.source.storage;
    const double bands =
        storage.interleave == Interleave::band ? 1.0 : static_cast<double>(raster.bands.size());
    const double mib = static_cast<double>(storage.block_width) * storage.block_height * bands *
                       static_cast<double>(size_of(raster.bands.front().type)) / (1 << 20);
    if (mib > kLargeBlockMiB && !storage.raw)
        raster.warnings.push_back(
            raster.source.name + ": its blocks are " + std::to_string(static_cast<std::int64_t>(mib)) +
            " MiB each and are decoded whole; tile the file first (gdal_translate -co TILED=YES)");
}

void warn_of_nodata(OpenedRaster& raster) {
    const auto& bands = raster.bands;
    const auto differs = [&](const BandInfo& band) {
        const auto &a = band.nodata, &b = bands.front().nodata;
        return a.has_value() != b.has_value() || (a && *a != *b && !(std::isnan(*a) && std::isnan(*b)));
    };
    if (std::any_of(bands.begin(), bands.end(), differs))
        raster.warnings.push_back(raster.source.name +
                                  ": nodata differs from band to band; each band's own is used");
    for (std::size_t i = 0; i < bands.size(); ++i) {
        const bool real = bands[i].type == DataType::Float32 || bands[i].type == DataType::Float64 ||
                          bands[i].type == DataType::Complex;
        if (!bands[i].nodata || raster.source.bands[i].nodata.present || real) continue;
        raster.warnings.push_back(raster.source.name + ": nodata of band " + std::to_string(i + 1) +
                                  " cannot occur in " + std::string(name_of(bands[i].type)) +
                                  "; it masks nothing");
        break;
    }
}

std::int64_t samples_of(GDALDataset& dataset) {
    // GDAL's limits: 2^31 - 1 columns and rows, and at most 65536 bands by default, so that this needs 78
    // bits.
    const auto pixels = std::int64_t{dataset.GetRasterXSize()} * dataset.GetRasterYSize();
    std::int64_t samples = 0;
    return __builtin_mul_overflow(pixels, std::int64_t{dataset.GetRasterCount()}, &samples) ? -1 : samples;
}

DatasetHandle open_or_explain(const RasterSource& source) {
    try {
        DatasetHandle dataset;
        const std::vector<std::string> remote(is_remote(source.name) ? 1 : 0, source.name);
        with_retries(
            remote, [&] { dataset = open_raster(source.name, source.open_options); }, true);
        return dataset;
    } catch (const Error&) {
        explain_unopened(source.name);
        throw;
    }
}

/// Size, georeference, masks, types and nodata, and the way to the samples without GDAL where there is one.
void find_storage(GDALDataset& dataset, const std::optional<EnviHeader>& header, OpenedRaster& out) {
    RasterSource& source = out.source;
    source.width = dataset.GetRasterXSize();
    source.height = dataset.GetRasterYSize();
    out.grid = read_grid(dataset);
    source.storage = storage_of(dataset);
    source.storage.name = source.name;
    source.bands.resize(out.bands.size());
    find_masks(dataset, source);
    for (std::size_t i = 0; i < out.bands.size(); ++i) {
        source.bands[i].type = out.bands[i].type;
        source.bands[i].nodata = exact_nodata(*dataset.GetRasterBand(static_cast<int>(i) + 1), out.bands[i]);
    }
    const bool masked =
        source.dataset_mask || source.alpha_band > 0 ||
        std::any_of(source.bands.begin(), source.bands.end(), [](const auto& band) { return band.own_mask; });
    if (header && !masked && !is_coarse_view(source.name) && !is_aligned_view(source.name))
        source.raw = raw_layout(dataset, source.name, *header);
    if (!masked) source.blocks = tiff_layout(dataset, source);
    source.storage.raw = source.raw.has_value();
    if (source.raw) source.storage.interleave = source.raw->interleave;
}

}  // namespace

std::vector<std::string> files_of(GDALDataset& dataset, const std::string& name) {
    const CPLStringList list(dataset.GetFileList());
    std::vector<std::string> files;
    for (int i = 0; i < list.size(); ++i) {
        const std::string file = list[i];
        if (!file.ends_with(".ovr") && file != name) files.push_back(file);
    }
    std::sort(files.begin(), files.end());
    files.erase(std::unique(files.begin(), files.end()), files.end());
    VSIStatBufL status{};
    if (VSIStatL(name.c_str(), &status) == 0) files.insert(files.begin(), name);
    return files;
}

OpenedRaster open_one(const std::string& given, const std::vector<std::string>& open_options, int preview,
                      const Alignment* alignment) {
    OpenedRaster out;
    RasterSource& source = out.source;
    source.name = envi_data_file(name_to_open(given));
    source.open_options = open_options;
    DatasetHandle dataset = open_or_explain(source);
    if (dataset->GetRasterCount() == 0)
        throw Error(Code::scene,
                    given + ": it has no raster bands; name one of its subdatasets (gdalinfo lists them)");
    GdalErrors errors;
    const auto header = read_envi_header(*dataset);
    if (header) {
        check_raw_size(source.name, *header, samples_of(*dataset));
        for (const auto& warning : header->warnings) out.warnings.push_back(source.name + ": " + warning);
    }
    out.bands = read_band_metadata(*dataset, source.name, header, out.warnings);
    out.files = files_of(*dataset, source.name);
    const auto see_instead = [&](const std::string& view) {
        source.name = view;
        source.open_options.clear();  // The view keeps them.
        dataset = open_or_explain(source);
    };
    if (alignment) see_instead(aligned_view(*dataset, source.name, *alignment));
    if (const int step = preview_step(*dataset, preview); step > 1)
        see_instead(coarse_view(*dataset, source.name, step));
    find_storage(*dataset, header, out);
    errors.refuse_lost_reads(given);
    warn_of_nodata(out);
    warn_of_blocks(out);
    if (out.grid.georeference.empty())
        out.warnings.push_back(given + ": no georeference; products will have none either");
    std::copy_if(out.files.begin(), out.files.end(), std::back_inserter(source.remote_files), is_remote);
    if (source.remote_files.empty() && is_remote(source.name)) source.remote_files.push_back(source.name);
    return out;
}

}  // namespace spectile
