#include "gdal/setup.hpp"

#include <cpl_conv.h>
#include <gdal.h>
#include <ogr_srs_api.h>

#include <mutex>

#include "gdal/errors.hpp"
#include "spectile/error.hpp"

namespace spectile {

void start_gdal() {
    static std::once_flag once;
    std::call_once(once, [] {
        listen_for_fatal_errors();
        GDALAllRegister();
        // Results must not depend on whether a grid could be fetched today.
        OSRSetPROJEnableNetwork(FALSE);
    });
}

void set_gdal_cache_bytes(std::size_t bytes) {
    start_gdal();
    GDALSetCacheMax64(static_cast<GIntBig>(bytes));
}

void set_gdal_option(const std::string& name_value) {
    const auto equals = name_value.find('=');
    if (equals == std::string::npos || equals == 0)
        throw Error(Code::usage, "--config '" + name_value + "' needs the form NAME=VALUE");
    CPLSetConfigOption(name_value.substr(0, equals).c_str(), name_value.substr(equals + 1).c_str());
}

std::string gdal_version() {
    int major = 0, minor = 0, patch = 0;
    OSRGetPROJVersion(&major, &minor, &patch);
    return std::string("GDAL ") + GDALVersionInfo("RELEASE_NAME") + ", PROJ " + std::to_string(major) + "." +
           std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace spectile
