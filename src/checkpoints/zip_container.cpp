#include "checkpoints/container.hpp"
#include "checkpoints/zip_archive.hpp"

namespace spectile::checkpoints {
namespace {

const std::string kObject = "data.pkl";

class ZipContainer final : public Container {
public:
    explicit ZipContainer(const ByteSource& source)
        : source_(source), archive_(source), prefix_(find_prefix()), object_(read_object()) {}

    const Pickle& object() const override { return object_; }
    const char* kind() const override { return "zip"; }

    Extent locate(const StorageRecord& storage) const override {
        const std::string entry = prefix_ + "data/" + storage.key;
        // A storage without elements may have no entry of its own.
        if (storage.elements == 0 && !archive_.contains(entry)) return {};
        const Extent extent = archive_.locate(entry);
        if (extent.size != storage.bytes())
            refuse(source_.name(), "the entry " + in_quotes(entry) + " has " + std::to_string(extent.size) +
                                       " bytes, its tensors say " + std::to_string(storage.bytes()));
        return extent;
    }

private:
    /// The prefix is the name of the file when it was saved, or `archive`; it may hold any character.
    std::string find_prefix() const {
        std::vector<std::string> objects = archive_.ending_in("/" + kObject);
        if (archive_.contains(kObject)) objects.push_back(kObject);
        if (objects.empty())
            refuse(source_.name(), "the zip file holds no data.pkl, so PyTorch did not save it");
        if (objects.size() > 1) refuse(source_.name(), "the zip file holds more than one data.pkl");
        const auto prefix = objects.front().substr(0, objects.front().size() - kObject.size());
        if (archive_.contains(prefix + "constants.pkl"))
            refuse(
                source_.name(),
                "it is a TorchScript archive, a program; use it as network.pt of architecture torchscript");
        return prefix;
    }

    Pickle read_object() const {
        if (const std::string entry = prefix_ + "byteorder"; archive_.contains(entry)) {
            const Extent extent = archive_.locate(entry);
            const auto text = extent.size < 16 ? read_extent(source_, extent) : std::vector<std::byte>{};
            if (std::string_view(reinterpret_cast<const char*>(text.data()), text.size()) != "little")
                refuse(source_.name(), "its numbers are not little-endian");
        }
        const Extent extent = archive_.locate(prefix_ + kObject);
        return read_pickle(source_, extent.offset, extent.offset + extent.size);
    }

    const ByteSource& source_;
    ZipArchive archive_;
    std::string prefix_;
    Pickle object_;
};

}  // namespace

std::unique_ptr<Container> open_zip_container(const ByteSource& source) {
    return std::make_unique<ZipContainer>(source);
}

std::unique_ptr<Container> open_container(const ByteSource& source) {
    if (ZipArchive::is_zip(source)) return open_zip_container(source);
    if (is_legacy_container(source)) return open_legacy_container(source);
    refuse(source.name(), "it is neither a zip file nor begins as PyTorch's older files do");
}

}  // namespace spectile::checkpoints
