#include "spectile/grid.hpp"

#include <cstdio>
#include <cstdlib>

#include "spectile/error.hpp"

namespace spectile {
namespace {

/// Moves the number stored under `key` by `delta`; keys that are absent stay absent.
void shift(std::map<std::string, std::string>& items, const std::string& key, double delta) {
    const auto it = items.find(key);
    if (it == items.end() || delta == 0) return;
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", std::strtod(it->second.c_str(), nullptr) + delta);
    it->second = text;
}

}  // namespace

Grid crop(const Grid& grid, const Window& window) {
    if (window.empty() || !grid.window().contains(window))
        throw Error(Code::internal, "window " + to_string(window) + " leaves the grid");
    Grid out = grid;
    out.width = window.width;
    out.height = window.height;
    const auto x = static_cast<double>(window.x);
    const auto y = static_cast<double>(window.y);
    auto& geo = out.georeference;
    if (geo.has_geotransform) {
        auto& gt = geo.geotransform;
        gt[0] += x * gt[1] + y * gt[2];
        gt[3] += x * gt[4] + y * gt[5];
    }
    for (auto& gcp : geo.gcps) {
        gcp.pixel -= x;
        gcp.line -= y;
    }
    shift(geo.rpc, "SAMP_OFF", -x);
    shift(geo.rpc, "LINE_OFF", -y);
    // A geolocation array keeps its own grid; PIXEL_OFFSET and LINE_OFFSET say where it starts in the raster.
    shift(geo.geolocation, "PIXEL_OFFSET", -x);
    shift(geo.geolocation, "LINE_OFFSET", -y);
    return out;
}

}  // namespace spectile
