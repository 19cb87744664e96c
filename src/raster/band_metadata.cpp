#include "raster/band_metadata.hpp"

#include <cpl_conv.h>
#include <cpl_string.h>

#include <cmath>
#include <cstdlib>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"
#include "raster/wavelengths.hpp"

namespace spectile {
namespace {

std::optional<double> number_of(const char* text) {
    if (!text || !*text) return std::nullopt;
    char* end = nullptr;
    const double value = CPLStrtod(text, &end);
    if (end == text || !std::isfinite(value)) return std::nullopt;
    return value;
}

/// The first of several keys that a band has.
const char* first_item(GDALRasterBand& band, std::initializer_list<const char*> keys,
                       const char* domain = "") {
    for (const char* key : keys)
        if (const char* text = band.GetMetadataItem(key, domain)) return text;
    return nullptr;
}

struct Spectrum {
    std::vector<double> centres, widths;  ///< Nanometres; empty where unknown.
};

/// GDAL's own domain (3.10 and later), always micrometres. Only where every band has it.
Spectrum from_imagery(GDALDataset& dataset, std::vector<std::string>& warnings) {
    Spectrum out;
    std::vector<double> centres, widths;
    for (int i = 1; i <= dataset.GetRasterCount(); ++i) {
        GDALRasterBand& band = *dataset.GetRasterBand(i);
        const auto centre = number_of(band.GetMetadataItem("CENTRAL_WAVELENGTH_UM", "IMAGERY"));
        if (!centre) return {};
        centres.push_back(*centre);
        if (const auto width = number_of(band.GetMetadataItem("FWHM_UM", "IMAGERY")))
            widths.push_back(*width);
    }
    out.centres = to_nanometres(centres, "um", "", warnings);
    if (widths.size() == centres.size()) out.widths = to_nanometres(widths, "um", "", warnings);
    return out;
}

Spectrum from_items(GDALDataset& dataset, const std::string& name, std::vector<std::string>& warnings) {
    std::vector<double> centres, widths;
    std::string unit, width_unit;
    for (int i = 1; i <= dataset.GetRasterCount(); ++i) {
        GDALRasterBand& band = *dataset.GetRasterBand(i);
        const auto centre = number_of(
            first_item(band, {"wavelength", "WAVELENGTH", "CENTRAL_WAVELENGTH", "center_wavelength"}));
        // Among the bands of a Sentinel-2 product lie maps (SCL, AOT), which have none.
        const bool map = !centre && band.GetMetadataItem("BANDNAME");
        if (!centre && !map) return {};
        centres.push_back(centre.value_or(0));
        if (map) continue;
        if (const char* text = first_item(
                band, {"wavelength_units", "wavelength_unit", "WAVELENGTH_UNIT", "WAVELENGTH_UNITS"}))
            unit = text;
        if (const auto width = number_of(first_item(band, {"fwhm", "FWHM", "BANDWIDTH"})))
            widths.push_back(*width);
        if (const char* text = first_item(band, {"fwhm_units", "BANDWIDTH_UNIT"})) width_unit = text;
    }
    Spectrum out{to_nanometres(centres, unit, name, warnings), {}};
    if (widths.size() != centres.size() || out.centres.empty()) return out;
    out.widths = width_unit.empty() ? widths_to_nanometres(widths, centres, out.centres)
                                    : to_nanometres(widths, width_unit, name, warnings);
    return out;
}

Spectrum from_header(const EnviHeader& header, int count, const std::string& name,
                     std::vector<std::string>& warnings) {
    if (static_cast<int>(header.wavelengths.size()) != count) return {};
    Spectrum out{to_nanometres(header.wavelengths, header.wavelength_units, name, warnings), {}};
    if (!out.centres.empty() && static_cast<int>(header.fwhm.size()) == count)
        out.widths = widths_to_nanometres(header.fwhm, header.wavelengths, out.centres);
    return out;
}

/// "418.24 Nanometers", "Band 4 (665 nm)": a number straight before a unit. Only where every band has one.
Spectrum from_descriptions(GDALDataset& dataset, const std::string& name,
                           std::vector<std::string>& warnings) {
    Spectrum out;
    for (int i = 1; i <= dataset.GetRasterCount(); ++i) {
        const std::string text = dataset.GetRasterBand(i)->GetDescription();
        std::optional<double> found;
        for (std::size_t at = 0; at < text.size() && !found; ++at) {
            if (!std::isdigit(static_cast<unsigned char>(text[at])) ||
                (at > 0 && (std::isalnum(static_cast<unsigned char>(text[at - 1])) || text[at - 1] == '.')))
                continue;
            char* end = nullptr;
            const double value = CPLStrtod(text.c_str() + at, &end);
            std::string_view rest(end);
            while (rest.starts_with(' ')) rest.remove_prefix(1);
            const auto unit = wavelength_unit_of(rest.substr(0, rest.find_first_of(" ),;]")));
            if (unit != WavelengthUnit::nanometre && unit != WavelengthUnit::micrometre) continue;
            found = unit == WavelengthUnit::nanometre ? value : std::round(value * 1e9) / 1e6;
        }
        if (!found) return {};
        out.centres.push_back(*found);
    }
    if (!out.centres.empty()) warnings.push_back(name + ": wavelengths are taken from the band descriptions");
    return out;
}

std::optional<EnviHeader> header_of_domain(GDALDataset& dataset) {
    char** list = dataset.GetMetadata("ENVI");
    if (!list) return std::nullopt;
    std::map<std::string, std::string> items;
    for (; *list; ++list) {
        char* key = nullptr;
        const char* value = CPLParseNameValue(*list, &key);
        if (key && value) items[key] = value;
        CPLFree(key);
    }
    return envi_header_of(items);
}

/// Scale and offset of one band: what GDAL says, else what the header says, else the reflectance scale
/// factor.
void set_scaling(BandInfo& info, GDALRasterBand& band, std::size_t index, std::size_t count,
                 const EnviHeader* header) {
    int has_scale = FALSE, has_offset = FALSE;
    const double scale = band.GetScale(&has_scale), offset = band.GetOffset(&has_offset);
    bool scaled = false;
    if (has_scale && std::isfinite(scale) && scale != 0) info.scale = scale;
    if (has_offset && std::isfinite(offset)) info.offset = offset;
    scaled = info.scale != 1.0 || info.offset != 0.0;
    if (const char* unit = band.GetUnitType()) info.unit = unit;
    if (!header) return;
    if (!scaled && header->gains.size() == count && header->gains[index] != 0) {
        info.scale = header->gains[index];
        if (header->offsets.size() == count) info.offset = header->offsets[index];
        scaled = info.scale != 1.0 || info.offset != 0.0;
    }
    if (!header->reflectance_scale_factor) return;
    if (!scaled) info.scale = 1.0 / *header->reflectance_scale_factor;
    if (info.unit.empty()) info.unit = "reflectance";
}

void set_nodata(BandInfo& info, GDALRasterBand& band, const EnviHeader* header) {
    int has = FALSE;
    if (info.type == DataType::Int64) {
        const auto value = band.GetNoDataValueAsInt64(&has);
        if (has) info.nodata = static_cast<double>(value);
    } else if (info.type == DataType::UInt64) {
        const auto value = band.GetNoDataValueAsUInt64(&has);
        if (has) info.nodata = static_cast<double>(value);
    } else {
        const double value = band.GetNoDataValue(&has);
        if (has) info.nodata = value;
    }
    if (!info.nodata && header && header->ignore_value) info.nodata = header->ignore_value;
}

}  // namespace

std::vector<BandInfo> read_band_metadata(GDALDataset& dataset, const std::string& name,
                                         const std::optional<EnviHeader>& own,
                                         std::vector<std::string>& warnings) {
    GdalErrors quiet;
    const int count = dataset.GetRasterCount();
    const std::optional<EnviHeader> domain = own ? std::nullopt : header_of_domain(dataset);
    const EnviHeader* header = own ? &*own : domain ? &*domain : nullptr;

    Spectrum spectrum = from_imagery(dataset, warnings);
    // Our own reading of a header comes before GDAL's band items, which are made from it. A domain that
    // travelled with the file comes after them: programs that pick bands renew the items and forget the
    // domain.
    if (spectrum.centres.empty() && own) spectrum = from_header(*own, count, name, warnings);
    const bool numbers_only = header && wavelength_unit_of(header->wavelength_units) == WavelengthUnit::index;
    if (spectrum.centres.empty() && !numbers_only) spectrum = from_items(dataset, name, warnings);
    if (spectrum.centres.empty() && domain) spectrum = from_header(*domain, count, name, warnings);
    if (spectrum.centres.empty() && !numbers_only) spectrum = from_descriptions(dataset, name, warnings);
    if (spectrum.widths.empty() && header && static_cast<int>(header->fwhm.size()) == count &&
        !spectrum.centres.empty() && static_cast<int>(header->wavelengths.size()) == count)
        spectrum.widths = widths_to_nanometres(header->fwhm, header->wavelengths, spectrum.centres);

    std::vector<BandInfo> bands(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < bands.size(); ++i) {
        GDALRasterBand& band = *dataset.GetRasterBand(static_cast<int>(i) + 1);
        BandInfo& info = bands[i];
        const char* named = band.GetMetadataItem("BANDNAME");  // By GDAL's driver of Sentinel-2 products.
        info.name = named ? named : band.GetDescription();
        info.type = data_type_of(band);
        info.raster_band = static_cast<int>(i);
        if (i < spectrum.centres.size() && spectrum.centres[i] > 0) info.wavelength_nm = spectrum.centres[i];
        if (i < spectrum.widths.size() && spectrum.widths[i] > 0) info.fwhm_nm = spectrum.widths[i];
        if (header && header->bbl.size() == bands.size()) info.bad = header->bbl[i] == 0;
        set_scaling(info, band, i, bands.size(), header);
        set_nodata(info, band, header);
    }
    return bands;
}

}  // namespace spectile
