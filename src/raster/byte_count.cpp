#include "raster/byte_count.hpp"

#include <cpl_vsi.h>

#include <mutex>

#include "gdal/setup.hpp"
#include "spectile/error.hpp"

namespace spectile {
namespace {

// GDAL hands the callbacks the name without the prefix.
void* open_counted(void*, const char* name, const char* access) {
    return access[0] == 'r' && access[1] != '+' ? VSIFOpenL(name, access) : nullptr;
}
int stat_counted(void*, const char* name, VSIStatBufL* status, int flags) {
    return VSIStatExL(name, status, flags);
}
char** list_counted(void*, const char* name, int most) { return VSIReadDirEx(name, most); }
vsi_l_offset tell(void* file) { return VSIFTellL(static_cast<VSILFILE*>(file)); }
int seek(void* file, vsi_l_offset offset, int whence) {
    return VSIFSeekL(static_cast<VSILFILE*>(file), offset, whence);
}
int at_end(void* file) { return VSIFEofL(static_cast<VSILFILE*>(file)); }
int close_counted(void* file) { return VSIFCloseL(static_cast<VSILFILE*>(file)); }

size_t read_counted(void* file, void* buffer, size_t size, size_t count) {
    const size_t got = VSIFReadL(buffer, size, count, static_cast<VSILFILE*>(file));
    counted_vsi_bytes_read().fetch_add(got * size, std::memory_order_relaxed);
    return got;
}

}  // namespace

std::atomic<std::uint64_t>& raw_bytes_read() {
    static std::atomic<std::uint64_t> bytes{0};
    return bytes;
}

std::atomic<std::uint64_t>& counted_vsi_bytes_read() {
    static std::atomic<std::uint64_t> bytes{0};
    return bytes;
}

void install_counting_files() {
    static std::once_flag once;
    std::call_once(once, [] {
        start_gdal();
        VSIFilesystemPluginCallbacksStruct* callbacks = VSIAllocFilesystemPluginCallbacksStruct();
        callbacks->open = open_counted;
        callbacks->stat = stat_counted;
        callbacks->read_dir = list_counted;
        callbacks->tell = tell;
        callbacks->seek = seek;
        callbacks->read = read_counted;
        callbacks->eof = at_end;
        callbacks->close = close_counted;
        const int failed = VSIInstallPluginHandler("/vsispectilecount/", callbacks);
        VSIFreeFilesystemPluginCallbacksStruct(callbacks);
        if (failed) throw Error(Code::internal, "GDAL refuses the file system prefix /vsispectilecount/");
    });
}

}  // namespace spectile
