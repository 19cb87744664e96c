#include "raster/envi_layout.hpp"

#include <cpl_string.h>
#include <cpl_vsi.h>

#include <array>
#include <bit>
#include <filesystem>

#include "spectile/error.hpp"

namespace spectile {
namespace {

/// A header larger than this is no header.
constexpr std::int64_t kHeaderBytes = std::int64_t{16} << 20;

bool ends_with_hdr(const std::string& name) {
    return name.size() > 4 && EQUAL(name.c_str() + name.size() - 4, ".hdr");
}

bool is_file(const std::string& name) {
    VSIStatBufL status{};
    return VSIStatL(name.c_str(), &status) == 0 && VSI_ISREG(status.st_mode);
}

std::optional<std::string> read_whole(const std::string& name) {
    VSIStatBufL status{};
    if (VSIStatL(name.c_str(), &status) != 0 || status.st_size > kHeaderBytes) return std::nullopt;
    VSILFILE* file = VSIFOpenL(name.c_str(), "rb");
    if (!file) return std::nullopt;
    std::string text(static_cast<std::size_t>(status.st_size), '\0');
    text.resize(VSIFReadL(text.data(), 1, text.size(), file));
    VSIFCloseL(file);
    return text;
}

/// Bytes of one sample, also of the complex types; 0 where unknown.
std::int64_t sample_bytes(int envi_type) {
    if (envi_type == 6) return 8;
    const auto type = envi_data_type(envi_type);
    return type ? static_cast<std::int64_t>(size_of(*type)) : 0;
}

/// a * b, or a negative number where that is beyond 64 bits.
std::int64_t product(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    return a < 0 || b < 0 || __builtin_mul_overflow(a, b, &out) ? -1 : out;
}

}  // namespace

std::string envi_data_file(const std::string& name) {
    if (!ends_with_hdr(name) || !is_file(name)) return name;
    const auto text = read_whole(name);
    if (!text || text->substr(0, 64).find("ENVI") == std::string::npos) return name;
    const std::string stem = name.substr(0, name.size() - 4);
    static constexpr std::array kEndings = {"",     ".dat", ".img",  ".bsq", ".bil",  ".bip",
                                            ".raw", ".bin", ".envi", ".DAT", ".IMG",  ".BSQ",
                                            ".BIL", ".BIP", ".RAW",  ".BIN", ".cube", ".sli"};
    for (const char* ending : kEndings)
        if (is_file(stem + ending)) return stem + ending;
    throw Error(Code::missing, name + ": no data file beside this ENVI header (" + stem +
                                   " with .dat, .img, .bsq ... or no ending)");
}

std::optional<EnviHeader> read_envi_header(GDALDataset& dataset) {
    if (!dataset.GetDriver() || !EQUAL(dataset.GetDriver()->GetDescription(), "ENVI")) return std::nullopt;
    const CPLStringList files(dataset.GetFileList());
    for (int i = 0; i < files.size(); ++i) {
        if (!ends_with_hdr(files[i])) continue;
        if (const auto text = read_whole(files[i])) return parse_envi_header(*text);
    }
    return std::nullopt;
}

std::optional<RawLayout> raw_layout(GDALDataset& dataset, const std::string& path, const EnviHeader& header) {
    const auto type = envi_data_type(header.data_type);
    const bool ours = !path.starts_with("/vsi") && is_file(path) && !header.file_compression &&
                      header.interleave && type && *type != DataType::Complex && header.header_offset >= 0;
    const bool agrees = header.samples == dataset.GetRasterXSize() &&
                        header.lines == dataset.GetRasterYSize() && header.bands == dataset.GetRasterCount();
    if (!ours || !agrees) return std::nullopt;
    const bool little = std::endian::native == std::endian::little;
    return RawLayout{path,
                     header.header_offset,
                     header.samples,
                     header.lines,
                     header.bands,
                     *type,
                     *header.interleave,
                     header.big_endian == little};
}

void check_raw_size(const std::string& path, const EnviHeader& header, std::int64_t samples) {
    const std::int64_t sample = sample_bytes(header.data_type);
    if (header.file_compression || sample == 0) return;
    const std::int64_t wanted = product(samples, sample);
    VSIStatBufL status{};
    if (VSIStatL(path.c_str(), &status) != 0) return;  // Open by another name than a file: GDAL found it.
    const auto there = static_cast<std::int64_t>(status.st_size);
    if (wanted >= 0 && header.header_offset >= 0 && there >= header.header_offset &&
        there - header.header_offset >= wanted)
        return;
    throw Error(Code::scene, path + ": the file has " + std::to_string(there) +
                                 " bytes, its ENVI header asks for " +
                                 (wanted < 0 ? std::string("more than a file can have")
                                             : std::to_string(wanted + header.header_offset)) +
                                 "; it is cut short or the header is wrong");
}

void explain_unopened(const std::string& path) {
    const std::string stem = std::filesystem::path(path).replace_extension().string();
    for (const std::string& name : {path + ".hdr", stem + ".hdr", path + ".HDR", stem + ".HDR"}) {
        const auto text = is_file(name) ? read_whole(name) : std::nullopt;
        if (!text || text->substr(0, 64).find("ENVI") == std::string::npos) continue;
        const EnviHeader header = parse_envi_header(*text);
        return check_raw_size(path, header, product(product(header.samples, header.lines), header.bands));
    }
}

}  // namespace spectile
