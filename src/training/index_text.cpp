#include "training/index_text.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "core/checksum.hpp"
#include "spectile/error.hpp"

namespace spectile::training {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 20, kPage = 4096, kLongestLine = std::size_t{1} << 16;

class FileText final : public IndexText {
public:
    explicit FileText(std::string file)
        : file_(std::move(file)), descriptor_(::open(file_.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (descriptor_ < 0)
            throw Error(errno == ENOENT ? Code::missing : Code::read,
                        fmt::format("{}: the index cannot be opened", file_), std::strerror(errno));
    }
    ~FileText() override { ::close(descriptor_); }
    FileText(const FileText&) = delete;
    FileText& operator=(const FileText&) = delete;

    std::string each_line(const std::function<void(std::uint64_t, const std::string&)>& use) const override {
        Sha256 sha;
        std::string line;
        std::uint64_t begins = 0;
        each_block(0, UINT64_MAX, [&](const char* data, std::size_t size) {
            sha.update(data, size);
            for (const char* end = data + size; data < end;) {
                const char* stop = std::find(data, end, '\n');
                line.append(data, stop);
                if (line.size() > kLongestLine)
                    throw Error(Code::definition, fmt::format("{}: a line is longer than {} characters",
                                                              where(begins), kLongestLine));
                if (stop == end) return;
                const std::uint64_t next = begins + line.size() + 1;
                give(use, begins, line);
                begins = next;
                data = stop + 1;
            }
        });
        give(use, begins, line);
        return sha.finish();
    }

    std::string line(std::uint64_t place) const override {
        std::string line;
        std::array<char, kPage> page{};
        while (line.size() <= kLongestLine) {
            const auto size = read_at(page.data(), page.size(), place + line.size());
            const auto* stop = std::find(page.data(), page.data() + size, '\n');
            line.append(page.data(), static_cast<std::size_t>(stop - page.data()));
            if (stop != page.data() + size || size == 0) break;
        }
        if (line.ends_with('\r')) line.pop_back();
        if (line.empty())
            throw Error(Code::read,
                        fmt::format("{}: the index has become shorter while it was in use", file_));
        return line;
    }

    std::string where(std::uint64_t place) const override {
        std::uint64_t number = 1;
        each_block(0, place, [&](const char* data, std::size_t size) {
            number += static_cast<std::uint64_t>(std::count(data, data + size, '\n'));
        });
        return fmt::format("{}:{}", file_, number);
    }

private:
    static void give(const std::function<void(std::uint64_t, const std::string&)>& use, std::uint64_t begins,
                     std::string& line) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) use(begins, line);
        line.clear();
    }

    std::size_t read_at(char* to, std::size_t size, std::uint64_t from) const {
        ssize_t got = -1;
        do got = ::pread(descriptor_, to, size, static_cast<off_t>(from));
        while (got < 0 && errno == EINTR);
        if (got < 0)
            throw Error(Code::read, fmt::format("{}: the index cannot be read", file_), std::strerror(errno));
        return static_cast<std::size_t>(got);
    }

    template <typename Use>
    void each_block(std::uint64_t from, std::uint64_t to, Use&& use) const {
        std::vector<char> block(kBlock);
        while (from < to) {
            const auto size = read_at(
                block.data(), static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, to - from)), from);
            if (size == 0) return;
            use(block.data(), size);
            from += size;
        }
    }

    std::string file_;
    int descriptor_;
};

}  // namespace

std::shared_ptr<const IndexText> IndexText::of_file(const std::string& file) {
    return std::make_shared<FileText>(file);
}

}  // namespace spectile::training
