#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spectile::training {

/// The lines of an index, each found again by the place where it begins.
class IndexText {
public:
    /// A CSV file, of which nothing is held. Throws Error{Code::missing}, Error{Code::read}.
    static std::shared_ptr<const IndexText> of_file(const std::string& file);
    /// The items of a STAC item collection, or one item, as lines of a CSV that is held in memory; items are
    /// read one after the other, so that the collection itself never is.
    static std::shared_ptr<const IndexText> of_stac(const std::string& file,
                                                    const std::vector<std::string>& assets);

    /// The images of a folder that holds a folder for each class, by name, as lines `path,label` of a CSV
    /// that is held in memory. Hidden files and GDAL's side files (.aux.xml, .ovr) are no images.
    static std::shared_ptr<const IndexText> of_folders(const std::string& folder);

    virtual ~IndexText() = default;
    /// Calls `use` with every line but empty ones, in order, and where it begins. Gives the SHA-256 of all.
    virtual std::string each_line(
        const std::function<void(std::uint64_t place, const std::string& line)>& use) const = 0;
    /// The line that begins at `place`. Throws Error{Code::read}.
    virtual std::string line(std::uint64_t place) const = 0;
    /// The line's file and number.
    virtual std::string where(std::uint64_t place) const = 0;
};

}  // namespace spectile::training
