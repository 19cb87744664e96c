#include <cpl_error.h>
#include <cpl_minixml.h>
#include <cpl_string.h>

#include <array>
#include <cctype>
#include <cstring>
#include <memory>
#include <utility>

#include "core/text_file.hpp"
#include "gdal/errors.hpp"
#include "raster/envi_header.hpp"
#include "raster/wavelengths.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

struct XmlCloser {
    void operator()(CPLXMLNode* node) const { CPLDestroyXMLNode(node); }
};
using XmlHandle = std::unique_ptr<CPLXMLNode, XmlCloser>;

std::string lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return text;
}

std::optional<double> one_number(const char* text) {
    const auto values = text ? parse_numbers(text) : std::nullopt;
    if (!values || values->size() != 1) return std::nullopt;
    return values->front();
}

/// Every element of the tree, in the order of the document. Attributes are nodes too.
template <typename Visit>
void walk(const CPLXMLNode* node, const Visit& visit) {
    for (; node; node = node->psNext) {
        visit(*node);
        walk(node->psChild, visit);
    }
}

bool is_named(const CPLXMLNode& node, const char* name) {
    if (node.eType != CXT_Element && node.eType != CXT_Attribute) return false;
    const char* colon = std::strrchr(node.pszValue, ':');
    return EQUAL(colon ? colon + 1 : node.pszValue, name);
}

/// EnMAP: one <bandID> per band with centre, width, gain and offset.
std::vector<BandSpectrum> from_enmap(const CPLXMLNode* root) {
    std::vector<BandSpectrum> out;
    walk(root, [&](const CPLXMLNode& node) {
        if (!is_named(node, "bandID")) return;
        const auto centre = one_number(CPLGetXMLValue(&node, "wavelengthCenterOfBand", nullptr));
        if (!centre) return;
        BandSpectrum band{.wavelength_nm = *centre};
        band.fwhm_nm = one_number(CPLGetXMLValue(&node, "FWHMOfBand", nullptr));
        band.scale = one_number(CPLGetXMLValue(&node, "GainOfBand", nullptr));
        band.offset = one_number(CPLGetXMLValue(&node, "OffsetOfBand", nullptr));
        out.push_back(band);
    });
    return out;
}

/// PRISMA: lists per detector under the names of its HDF5 attributes; 0 stands for a band that is not
/// delivered.
std::vector<BandSpectrum> from_prisma(const CPLXMLNode* root) {
    std::vector<BandSpectrum> out;
    for (const char* detector : {"Vnir", "Swir"}) {
        std::vector<double> centres, widths;
        walk(root, [&](const CPLXMLNode& node) {
            const char* text = node.eType == CXT_Attribute ? (node.psChild ? node.psChild->pszValue : nullptr)
                                                           : CPLGetXMLValue(&node, "", nullptr);
            const auto values = text ? parse_numbers(text) : std::nullopt;
            if (!values) return;
            if (is_named(node, (std::string("List_Cw_") + detector).c_str())) centres = *values;
            if (is_named(node, (std::string("List_Fwhm_") + detector).c_str())) widths = *values;
        });
        for (std::size_t i = 0; i < centres.size(); ++i) {
            if (centres[i] <= 0) continue;
            BandSpectrum band{.wavelength_nm = centres[i]};
            if (widths.size() == centres.size()) band.fwhm_nm = widths[i];
            out.push_back(band);
        }
    }
    return out;
}

/// Others: one element per band that is a wavelength or holds its centre.
std::vector<BandSpectrum> from_elements(const CPLXMLNode* root, const std::string& path,
                                        std::vector<std::string>& warnings) {
    static constexpr std::array kNames = {"CENTRAL", "centralWavelength", "CENTRAL_WAVELENGTH",
                                          "center_wavelength", "wavelength"};
    for (const char* name : kNames) {
        std::vector<double> values;
        std::string unit;
        walk(root, [&](const CPLXMLNode& node) {
            if (node.eType != CXT_Element || !is_named(node, name)) return;
            if (const auto value = one_number(CPLGetXMLValue(&node, "", nullptr))) values.push_back(*value);
            for (const char* key : {"unit", "units", "uom"})
                if (const char* text = CPLGetXMLValue(&node, key, nullptr)) unit = text;
        });
        if (values.empty()) continue;
        std::vector<BandSpectrum> out;
        for (const double nm : to_nanometres(values, unit, path, warnings))
            out.push_back({.wavelength_nm = nm});
        return out;
    }
    return {};
}

std::vector<BandSpectrum> from_xml(const std::string& text, const std::string& path,
                                   std::vector<std::string>& warnings) {
    GdalErrors errors;
    const XmlHandle root(CPLParseXMLString(text.c_str()));
    if (!root) throw Error(Code::scene, path + ": it is not well-formed XML", errors.text());
    auto out = from_enmap(root.get());
    if (out.empty()) out = from_prisma(root.get());
    if (out.empty()) out = from_elements(root.get(), path, warnings);
    return out;
}

std::vector<BandSpectrum> from_envi(const std::string& text, const std::string& path,
                                    std::vector<std::string>& warnings) {
    const EnviHeader header = parse_envi_header(text);
    for (const auto& warning : header.warnings) warnings.push_back(path + ": " + warning);
    const auto centres = to_nanometres(header.wavelengths, header.wavelength_units, path, warnings);
    const auto widths = widths_to_nanometres(header.fwhm, header.wavelengths, centres);
    std::vector<BandSpectrum> out;
    for (std::size_t i = 0; i < centres.size(); ++i) {
        BandSpectrum band{.wavelength_nm = centres[i]};
        if (widths.size() == centres.size()) band.fwhm_nm = widths[i];
        if (header.bbl.size() == centres.size()) band.bad = header.bbl[i] == 0;
        out.push_back(band);
    }
    return out;
}

/// The columns of a table, as its header row names them; -1 where absent.
struct Columns {
    int wavelength = 0, fwhm = -1, bad = -1, good = -1;
    std::string unit;
};

std::vector<std::string> cells_of(std::string line) {
    std::erase(line, '\r');
    for (char& c : line)
        if (c == '\t' || c == ';') c = ',';
    const bool commas = line.find(',') != std::string::npos;
    const CPLStringList words(CSLTokenizeString2(line.c_str(), commas ? "," : " ",
                                                 (commas ? CSLT_ALLOWEMPTYTOKENS : 0) | CSLT_STRIPLEADSPACES |
                                                     CSLT_STRIPENDSPACES | CSLT_HONOURSTRINGS));
    return {words.List(), words.List() + words.size()};
}

Columns columns_of(const std::vector<std::string>& names) {
    Columns out;
    out.wavelength = -1;
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::string name = lower(names[i]);
        const int at = static_cast<int>(i);
        const bool wave = name.starts_with("wavel") || name.starts_with("wvl") || name.starts_with("cent") ||
                          name == "wl" || name == "nm" || name == "um";
        if (wave && out.wavelength < 0) {
            out.wavelength = at;
            if (name.find("nm") != std::string::npos || name.find("nanom") != std::string::npos)
                out.unit = "nm";
            if (name.find("um") != std::string::npos || name.find("microm") != std::string::npos ||
                name.find("\xC2\xB5m") != std::string::npos)
                out.unit = "um";
        } else if (name.starts_with("fwhm") || name.starts_with("bandwidth") || name.starts_with("width")) {
            out.fwhm = at;
        } else if (name == "bad") {
            out.bad = at;
        } else if (name == "bbl" || name == "good") {
            out.good = at;
        }
    }
    return out;
}

/// A table of text, read line by line.
class SpectrumTable {
public:
    explicit SpectrumTable(const std::string& path) : path_(path) { columns_.fwhm = kSecond; }

    /// `line`: from 1.
    void add(const char* text, int line) {
        const auto cells = cells_of(text);
        if (cells.empty() || cells[0].starts_with("#")) return;
        if (std::exchange(first_, false) && !one_number(cells[0].c_str()) && !cells[0].empty())
            take_header(cells);
        else if (columns_.fwhm == kSecond && cells.size() > 2)
            take_line_of_wavelengths(cells);
        else
            take_row(cells, text, line);
    }

    std::vector<BandSpectrum> spectra(std::vector<std::string>& warnings) const {
        const auto nm = to_nanometres(centres_, columns_.unit, path_, warnings);
        const auto width_nm = widths_to_nanometres(widths_, centres_, nm);
        std::vector<BandSpectrum> out;
        for (std::size_t i = 0; i < nm.size(); ++i) {
            BandSpectrum band{.wavelength_nm = nm[i]};
            if (width_nm.size() == nm.size()) band.fwhm_nm = width_nm[i];
            if (bad_.size() == nm.size() && (columns_.bad >= 0 || columns_.good >= 0)) band.bad = bad_[i];
            out.push_back(band);
        }
        return out;
    }

private:
    static constexpr int kSecond = -2;  ///< Without a header row a second number is the width.

    void take_header(const std::vector<std::string>& cells) {
        columns_ = columns_of(cells);
        if (columns_.wavelength < 0)
            throw Error(Code::scene,
                        path_ + ": no column is called wavelength; name one so or leave the header row out");
    }

    void take_line_of_wavelengths(const std::vector<std::string>& cells) {
        for (const auto& word : cells)
            if (const auto value = one_number(word.c_str())) centres_.push_back(*value);
    }

    void take_row(const std::vector<std::string>& cells, const char* text, int line) {
        const auto cell = [&](int at) {
            return at >= 0 && at < static_cast<int>(cells.size())
                       ? one_number(cells[static_cast<std::size_t>(at)].c_str())
                       : std::nullopt;
        };
        const auto centre = cell(columns_.wavelength);
        if (!centre)
            throw Error(Code::scene,
                        path_ + ": line " + std::to_string(line) + " has no wavelength: " + text);
        centres_.push_back(*centre);
        if (const auto width = cell(columns_.fwhm == kSecond ? 1 : columns_.fwhm)) widths_.push_back(*width);
        bad_.push_back(cell(columns_.bad).value_or(0) != 0 ||
                       (columns_.good >= 0 && cell(columns_.good).value_or(1) == 0));
    }

    const std::string& path_;
    Columns columns_;
    std::vector<double> centres_, widths_;
    std::vector<bool> bad_;
    bool first_ = true;
};

std::vector<BandSpectrum> from_table(const std::string& text, const std::string& path,
                                     std::vector<std::string>& warnings) {
    SpectrumTable table(path);
    const CPLStringList lines(CSLTokenizeString2(text.c_str(), "\n", 0));
    for (int i = 0; i < lines.size(); ++i) table.add(lines[i], i + 1);
    return table.spectra(warnings);
}

}  // namespace

std::vector<BandSpectrum> read_wavelengths_file(const std::string& path, std::vector<std::string>& warnings) {
    const std::string text = read_text_file(path);
    const std::string start = text.substr(0, 256);
    const auto at = start.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    std::vector<BandSpectrum> out;
    if (at != std::string::npos && start[at] == '<')
        out = from_xml(text, path, warnings);
    else if (at != std::string::npos && start.compare(at, 4, "ENVI") == 0)
        out = from_envi(text, path, warnings);
    else
        out = from_table(text, path, warnings);
    if (out.empty()) throw Error(Code::scene, path + ": there are no wavelengths in it");
    return out;
}

}  // namespace spectile
