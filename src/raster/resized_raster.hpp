#pragma once

#include <string>

namespace spectile {

/// A raster seen at another size, by GDAL's resampling, as a virtual raster that lives as long as this.
class ResizedRaster {
public:
    /// `resampling` as gdal_translate has it: nearest, bilinear, ... Throws what `open_raster` throws, and
    /// Error{Code::scene} where GDAL cannot resize it.
    ResizedRaster(const std::string& file, int width, int height, const std::string& resampling);
    ~ResizedRaster();
    ResizedRaster(const ResizedRaster&) = delete;
    ResizedRaster& operator=(const ResizedRaster&) = delete;

    /// A name that GDAL opens.
    const std::string& name() const { return name_; }

private:
    std::string name_;
};

}  // namespace spectile
