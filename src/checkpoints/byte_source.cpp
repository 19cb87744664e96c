#include "checkpoints/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::checkpoints {
namespace {

static_assert(std::endian::native == std::endian::little, "checkpoints are little-endian");

class FileSource final : public ByteSource {
public:
    explicit FileSource(const std::string& path)
        : ByteSource(path), descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0) {
            const bool forbidden = errno == EACCES || errno == EPERM;
            throw Error(forbidden ? Code::permission : Code::missing, path + ": cannot be opened",
                        std::strerror(errno));
        }
        struct stat status {};
        if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
            ::close(descriptor_);
            throw Error(Code::model, path + ": is not a plain file; name a checkpoint");
        }
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    ~FileSource() override { ::close(descriptor_); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    std::uint64_t size() const override { return size_; }

    void read(std::uint64_t offset, std::span<std::byte> into) const override {
        while (!into.empty()) {
            const auto got = ::pread(descriptor_, into.data(), into.size(), static_cast<::off_t>(offset));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0)
                throw Error(Code::read, name() + ": cannot be read at byte " + std::to_string(offset),
                            std::strerror(errno));
            if (got == 0)
                throw Error(Code::read, name() + ": ends at byte " + std::to_string(offset) +
                                            "; it was cut while it was read");
            offset += static_cast<std::uint64_t>(got);
            into = into.subspan(static_cast<std::size_t>(got));
        }
    }

private:
    int descriptor_;
    std::uint64_t size_ = 0;
};

class MemorySource final : public ByteSource {
public:
    MemorySource(std::vector<std::byte> bytes, const std::string& name)
        : ByteSource(name), bytes_(std::move(bytes)) {}

    std::uint64_t size() const override { return bytes_.size(); }

    void read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > bytes_.size() || into.size() > bytes_.size() - offset)
            throw Error(Code::read, name() + ": ends before byte " + std::to_string(offset));
        std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
    }

private:
    std::vector<std::byte> bytes_;
};

}  // namespace

std::unique_ptr<ByteSource> open_file(const std::string& path) { return std::make_unique<FileSource>(path); }

std::unique_ptr<ByteSource> bytes_in_memory(std::vector<std::byte> bytes, const std::string& name) {
    return std::make_unique<MemorySource>(std::move(bytes), name);
}

std::vector<std::byte> read_extent(const ByteSource& source, const Extent& extent) {
    std::vector<std::byte> bytes(extent.size);
    source.read(extent.offset, bytes);
    return bytes;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t kLongest = 120;
    using nlohmann::json;
    const std::string shown =
        text.size() > kLongest ? std::string(text.substr(0, kLongest)) + "..." : std::string(text);
    return json(shown).dump(-1, ' ', true, json::error_handler_t::replace);
}

void refuse(const std::string& name, const std::string& why) {
    throw Error(Code::model, name + ": not a usable checkpoint: " + why);
}

}  // namespace spectile::checkpoints
