#include "core/own_folder.hpp"

#include <dlfcn.h>

#include <string_view>

namespace spectile {

namespace fs = std::filesystem;

fs::path own_folder() {
    Dl_info info{};
    std::error_code ignored;
    // Of a program the loader knows only what it was called by.
    const bool known = ::dladdr(reinterpret_cast<const void*>(&own_folder), &info) != 0 && info.dli_fname;
    const bool library = known && std::string_view(info.dli_fname).find(".so") != std::string_view::npos;
    const fs::path file =
        library ? fs::canonical(info.dli_fname, ignored) : fs::read_symlink("/proc/self/exe", ignored);
    return file.parent_path();
}

fs::path own_prefix() {
    const fs::path above = own_folder().parent_path();
    return above.filename() == "lib" ? above.parent_path() : above;  // lib/x86_64-linux-gnu
}

}  // namespace spectile
