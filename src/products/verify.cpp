#include "products/verify.hpp"

#include <cpl_minixml.h>

#include <filesystem>

#include "core/checksum.hpp"
#include "core/text_file.hpp"
#include "products/block_checksums.hpp"
#include "products/durable_file.hpp"
#include "products/gdal_dataset.hpp"
#include "products/record.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr const char* kRemedy = "; run its pipeline again with --overwrite";

void check_block(GDALDataset& dataset, const ProductRecord& record, std::int64_t index,
                 VerifyReport& report) {
    const Window window = BlockGrid{record.width, record.height, record.block}.window(index);
    std::string reason;
    try {
        if (checksum_block(dataset, report.product, window, index) ==
            record.blocks[static_cast<std::size_t>(index)])
            return;
        reason = "differs from its record";
    } catch (const Error& error) {  // A block that cannot be decoded is the fault looked for.
        reason = "cannot be read";
    }
    report.bad_block = index;
    report.bad_window = window;
    report.fault = report.product + ": block " + std::to_string(index) + ", window " + to_string(window) +
                   ", " + reason + kRemedy;
}

void check_blocks(const ProductRecord& record, VerifyReport& report) {
    DatasetHandle dataset;
    try {
        dataset = open_raster(report.product);
    } catch (const Error& error) {
        report.fault = report.product + ": is damaged and cannot be opened" + kRemedy;
        return;
    }
    const std::int64_t count = BlockGrid{record.width, record.height, record.block}.count();
    if (dataset->GetRasterXSize() != record.width || dataset->GetRasterYSize() != record.height ||
        dataset->GetRasterCount() != record.bands ||
        count != static_cast<std::int64_t>(record.blocks.size()) ||
        dataset->GetRasterBand(1)->GetRasterDataType() != gdal_type_of(data_type_of(record.type))) {
        report.fault = report.product + ": size, bands or type differ from its record" + kRemedy;
        return;
    }
    for (std::int64_t index = 0; index < count && report.fault.empty(); ++index) {
        check_block(*dataset, record, index, report);
        ++report.blocks;
    }
}

/// Whether this is a sidecar in which GDAL, as QGIS has it do, kept a histogram or statistics. No product has
/// any of its own.
bool holds_statistics(const std::string& path) {
    if (!path.ends_with(".aux.xml")) return false;
    const GdalErrors unheard;
    const CPLXMLTreeCloser root(CPLParseXMLFile(path.c_str()));
    const std::string text = root.get() ? read_text_file(path) : "";
    return text.find("<Histograms>") != std::string::npos || text.find("STATISTICS_") != std::string::npos;
}

void check_file(const std::string& path, const RecordedFile& file, VerifyReport& report) {
    std::error_code absent;
    const auto bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, absent));
    if (absent) {
        report.fault = path + ": is not there" + kRemedy;
        return;
    }
    report.bytes += bytes;
    if (bytes == file.bytes && sha256_of_file(path) == file.sha256) return;
    if (holds_statistics(path))
        report.notes.push_back(path + ": differs from its record: GDAL or QGIS kept statistics in it");
    else
        report.fault = path + ": differs from its record" +
                       (report.blocks > 0 ? " outside the pixels (metadata or overviews)" : "") + kRemedy;
}

void check_files(const ProductRecord& record, VerifyReport& report) {
    const std::filesystem::path folder = folder_of(report.product);
    const bool of_many = std::filesystem::is_directory(report.product);
    for (std::size_t i = 0; i < record.files.size() && report.fault.empty(); ++i) {
        const auto& file = record.files[i];
        const std::string path = i == 0 && !of_many ? report.product : (folder / file.name).string();
        check_file(path, file, report);
        report.files.push_back(file.name);
    }
}

}  // namespace

VerifyReport check_product(const std::string& product) {
    std::error_code ignored;
    if (!std::filesystem::exists(product, ignored)) throw Error(Code::missing, product + ": is not there");
    const ProductRecord record = read_record(product);
    VerifyReport report;
    report.product = product;
    report.kind = record.kind;
    report.recipe = record.recipe;
    if (record.block > 0) check_blocks(record, report);
    if (report.fault.empty()) check_files(record, report);
    return report;
}

VerifyReport verify(const std::string& product) {
    VerifyReport report = check_product(product);
    if (!report.fault.empty()) throw Error(Code::verification, report.fault);
    return report;
}

}  // namespace spectile::products
