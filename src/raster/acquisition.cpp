#include "raster/acquisition.hpp"

#include <fmt/format.h>
#include <ogr_core.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "gdal/errors.hpp"
#include "raster/dataset.hpp"

namespace spectile {
namespace {

constexpr int kUtc = 100;  ///< OGR's flag; each step from it is a quarter of an hour.

/// Where a raster may say it: domain, item of the beginning, item of the end.
struct TimeItem {
    const char *domain, *begin, *end;
};
constexpr TimeItem kTimeItems[] = {{"IMAGERY", "ACQUISITIONDATETIME", nullptr},
                                   {"ENVI", "acquisition_time", nullptr},
                                   {nullptr, "DATATAKE_1_DATATAKE_SENSING_START", nullptr},
                                   {nullptr, "PRODUCT_START_TIME", "PRODUCT_STOP_TIME"},
                                   {nullptr, "NC_GLOBAL#time_coverage_start", "NC_GLOBAL#time_coverage_end"},
                                   {nullptr, "time_coverage_start", "time_coverage_end"},
                                   {nullptr, "ACQUISITIONDATETIME", nullptr}};

std::string rfc3339(const OGRField& field) {
    using namespace std::chrono;
    const auto& d = field.Date;
    const auto whole = static_cast<int>(std::floor(d.Second));
    auto time = sys_days(year(d.Year) / month(d.Month) / day(d.Day)) + hours(d.Hour) + minutes(d.Minute) +
                seconds(whole);
    if (d.TZFlag > 1) time -= minutes(15 * (d.TZFlag - kUtc));
    const auto at = floor<days>(time);
    const year_month_day date(at);
    const hh_mm_ss clock(time - at);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", int(date.year()), unsigned(date.month()),
                       unsigned(date.day()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

/// One time or date, without the quotes and braces that headers put around it.
std::optional<Acquisition> one_time(std::string text) {
    const auto first = text.find_first_not_of(" \t\"'{"), last = text.find_last_not_of(" \t\"'}");
    if (first == std::string::npos) return std::nullopt;
    text = text.substr(first, last - first + 1);
    OGRField field;
    if (text.size() < 8 || !OGRParseDate(text.c_str(), &field, 0)) return std::nullopt;
    const auto& d = field.Date;
    const std::chrono::year_month_day date(std::chrono::year(d.Year), std::chrono::month(d.Month),
                                           std::chrono::day(d.Day));
    if (!date.ok() || d.Year < 1) return std::nullopt;
    const std::string begin = rfc3339(field);
    if (text.find(':') != std::string::npos) return Acquisition{begin, begin};
    return Acquisition{begin, begin.substr(0, 11) + "23:59:59Z"};
}

std::optional<Acquisition> said_by(GDALDataset& dataset) {
    for (const auto& item : kTimeItems) {
        const char* begin = dataset.GetMetadataItem(item.begin, item.domain);
        if (!begin) continue;
        auto time = one_time(begin);
        if (!time) continue;
        const char* end = item.end ? dataset.GetMetadataItem(item.end, item.domain) : nullptr;
        if (const auto last = end ? one_time(end) : std::nullopt; last && last->end > time->begin)
            time->end = last->end;
        return time;
    }
    return std::nullopt;
}

}  // namespace

std::optional<Acquisition> acquisition_of_text(const std::string& text) {
    // A date may be written with slashes too: two times have exactly one between them, and no other.
    const auto slash = text.find('/');
    if (slash == std::string::npos || text.find('/', slash + 1) != std::string::npos) return one_time(text);
    const auto begin = one_time(text.substr(0, slash)), end = one_time(text.substr(slash + 1));
    if (!begin || !end || end->end < begin->begin) return std::nullopt;
    return Acquisition{begin->begin, end->end};
}

std::optional<Acquisition> acquisition_of(const SceneInfo& scene, const SceneDefinition& definition) {
    std::optional<Acquisition> all;
    for (const auto& raster : scene.rasters) {
        const auto dataset = open_raster(raster.name, definition.open_options);
        const GdalErrors quiet;  // What a header does not say well it does not say.
        const auto one = said_by(*dataset);
        if (!one) return std::nullopt;
        if (!all) all = one;
        all->begin = std::min(all->begin, one->begin);
        all->end = std::max(all->end, one->end);
    }
    return all;
}

}  // namespace spectile
