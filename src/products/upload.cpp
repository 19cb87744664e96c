#include "products/upload.hpp"

#include <cpl_conv.h>
#include <cpl_vsi.h>

#include <array>
#include <memory>
#include <vector>

#include "products/durable_file.hpp"
#include "products/gdal_dataset.hpp"
#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr std::size_t kChunk = std::size_t{4} << 20;

struct CloseFile {
    void operator()(VSILFILE* file) const { VSIFCloseL(file); }
};
using File = std::unique_ptr<VSILFILE, CloseFile>;

[[noreturn]] void refuse_upload(const std::string& local, const std::string& object,
                                const GdalErrors& errors) {
    throw Error(Code::write,
                object + ": cannot be uploaded" + (errors.text().empty() ? "" : " (" + errors.text() + ")") +
                    "; it waits in " + folder_of(local) +
                    " and goes there when the same command is run again",
                errors.text());
}

}  // namespace

bool is_bucket(const std::string& path) {
    static constexpr std::array kStores = {"/vsis3/", "/vsigs/", "/vsiaz/", "/vsiadls/", "/vsioss/"};
    for (const char* store : kStores)
        if (path.starts_with(store)) return true;
    return false;
}

void upload_file(const std::string& local, const std::string& object) {
    start_gdal();
    const GdalErrors errors;
    const File from(VSIFOpenL(local.c_str(), "rb"));
    if (!from) throw Error(Code::read, local + ": cannot be read to be uploaded", errors.text());
    File to(VSIFOpenL(object.c_str(), "wb"));
    std::vector<char> buffer(kChunk);
    std::uint64_t total = 0;
    while (to) {
        const std::size_t got = VSIFReadL(buffer.data(), 1, buffer.size(), from.get());
        if (got == 0) break;
        if (VSIFWriteL(buffer.data(), 1, got, to.get()) != got) refuse_upload(local, object, errors);
        total += got;
    }
    // What the store answers to the whole is told by closing.
    if (!to || VSIFCloseL(to.release()) != 0 || errors.failed()) refuse_upload(local, object, errors);
    VSICurlPartialClearCache(object.c_str());
    VSIStatBufL there{};
    if (VSIStatL(object.c_str(), &there) != 0 || static_cast<std::uint64_t>(there.st_size) != total)
        refuse_upload(local, object, errors);
}

std::optional<std::string> text_of_object(const std::string& object) {
    start_gdal();
    const GdalErrors unheard;  // What is not there, or cannot be asked for, is not there.
    VSICurlPartialClearCache(object.c_str());
    // One object is asked for, not the listing of its folder.
    const CPLConfigOptionSetter alone("GDAL_DISABLE_READDIR_ON_OPEN", "EMPTY_DIR", false);
    const File file(VSIFOpenL(object.c_str(), "rb"));
    if (!file) return std::nullopt;
    std::string text;
    std::vector<char> buffer(kChunk);
    while (const std::size_t got = VSIFReadL(buffer.data(), 1, buffer.size(), file.get()))
        text.append(buffer.data(), got);
    return text;
}

}  // namespace spectile::products
