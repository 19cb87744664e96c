#pragma once

#include <string>
#include <vector>

#include "cli/spawn.hpp"

namespace spectile::test {

/// An identity job of twelve parts, its scene as raw ENVI (our own reader) or tiled GeoTIFF (GDAL's), and the
/// product of an undisturbed run.
class SmallJob {
public:
    explicit SmallJob(bool raw = true);

    /// The command line of the run that writes PRODUCT.
    std::vector<std::string> command(const std::string& product, std::vector<std::string> more = {}) const;
    Outcome start(const std::string& product, std::vector<std::string> more = {}) const;
    /// Whether PRODUCT is there, its record fits, and both are the undisturbed run's, byte for byte.
    bool is_right(const std::string& product) const;
    std::string work(const std::string& product) const;  ///< The work directory.

    Folder folder;
    std::string scene;

private:
    std::string definition(const std::string& product) const;
};

}  // namespace spectile::test
