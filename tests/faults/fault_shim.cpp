// Preloaded into the program under test: makes calls of the C library fail.
//
//   SPECTILE_FAULT=KIND:N    the N-th call of this kind fails; KIND:N+ from there on every one
//   SPECTILE_FAULT_IN=TEXT   only on files whose path holds TEXT (not for alloc)
//   SPECTILE_FAULT_MARK=FILE a stalled read makes this file first
//
// Kinds: open, read, short (reads give half), write, full (writes fail with "no space"), fsync, rename,
// close, alloc (of 256 KiB and more); stall (a read takes a minute).
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int kErrorSeen = 0x20;  // glibc's own mark, which ferror reads.
constexpr size_t kLargeAllocation = size_t{256} << 10;

struct Fault {
    char kind[16] = "";
    long first = 0;
    bool onwards = false;
    const char* in = nullptr;

    Fault() {
        const char* text = getenv("SPECTILE_FAULT");
        in = getenv("SPECTILE_FAULT_IN");
        const char* colon = text ? strchr(text, ':') : nullptr;
        if (!colon || static_cast<size_t>(colon - text) >= sizeof kind) return;
        memcpy(kind, text, static_cast<size_t>(colon - text));
        char* end = nullptr;
        first = strtol(colon + 1, &end, 10);
        onwards = *end == '+';
    }
};

const Fault& fault() {
    static const Fault one;
    return one;
}

bool is(const char* kind) { return strcmp(fault().kind, kind) == 0; }

bool due() {
    static std::atomic<long> calls{0};
    const long call = ++calls;
    return fault().onwards ? call >= fault().first : call == fault().first;
}

bool ours(const char* path) { return path && fault().in && strstr(path, fault().in); }

bool ours(int descriptor) {
    char link[64], path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    const ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return false;
    path[length] = 0;
    return ours(path);
}

bool ours(FILE* file) { return file && ours(fileno(file)); }

template <typename File>
bool fails(const char* kind, File file, int reason) {
    if (!is(kind) || !ours(file) || !due()) return false;
    errno = reason;
    return true;
}

void stall() {
    if (const char* mark = getenv("SPECTILE_FAULT_MARK")) close(creat(mark, 0644));
    usleep(60'000'000);
}

template <typename File>
bool read_fails(File file) {
    if (is("stall") && ours(file) && due()) stall();
    return fails("read", file, EIO);
}

template <typename File>
bool write_fails(File file) {
    return fails("write", file, EIO) || fails("full", file, ENOSPC);
}

template <typename Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

}  // namespace

#define NEXT(name) static const auto real = next<decltype(&name)>(#name)

extern "C" {

void* __libc_malloc(size_t);  // glibc's own entry: dlsym would allocate.

int open(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    NEXT(open);
    return fails("open", path, EIO) ? -1 : real(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = va_arg(rest, mode_t);
    va_end(rest);
    NEXT(open64);
    return fails("open", path, EIO) ? -1 : real(path, flags, mode);
}
FILE* fopen(const char* path, const char* mode) {
    NEXT(fopen);
    return fails("open", path, EIO) ? nullptr : real(path, mode);
}
FILE* fopen64(const char* path, const char* mode) {
    NEXT(fopen64);
    return fails("open", path, EIO) ? nullptr : real(path, mode);
}
ssize_t read(int file, void* data, size_t size) {
    NEXT(read);
    if (read_fails(file)) return -1;
    return real(file, data, is("short") && ours(file) && due() ? size / 2 : size);
}
ssize_t pread(int file, void* data, size_t size, off_t at) {
    NEXT(pread);
    if (read_fails(file)) return -1;
    return real(file, data, is("short") && ours(file) && due() ? size / 2 : size, at);
}
ssize_t pread64(int file, void* data, size_t size, off64_t at) {
    NEXT(pread64);
    if (read_fails(file)) return -1;
    return real(file, data, is("short") && ours(file) && due() ? size / 2 : size, at);
}
size_t fread(void* data, size_t size, size_t count, FILE* file) {
    NEXT(fread);
    if (read_fails(file)) {
        file->_flags |= kErrorSeen;
        return 0;
    }
    return real(data, size, is("short") && ours(file) && due() ? count / 2 : count, file);
}
ssize_t write(int file, const void* data, size_t size) {
    NEXT(write);
    return write_fails(file) ? -1 : real(file, data, size);
}
ssize_t pwrite(int file, const void* data, size_t size, off_t at) {
    NEXT(pwrite);
    return write_fails(file) ? -1 : real(file, data, size, at);
}
ssize_t pwrite64(int file, const void* data, size_t size, off64_t at) {
    NEXT(pwrite64);
    return write_fails(file) ? -1 : real(file, data, size, at);
}
size_t fwrite(const void* data, size_t size, size_t count, FILE* file) {
    NEXT(fwrite);
    return write_fails(file) ? 0 : real(data, size, count, file);
}
int fsync(int file) {
    NEXT(fsync);
    return fails("fsync", file, EIO) ? -1 : real(file);
}
int rename(const char* from, const char* to) {
    NEXT(rename);
    return fails("rename", from, EIO) ? -1 : real(from, to);
}
int close(int file) {
    NEXT(close);
    const bool bad = fails("close", file, EIO);
    const int result = real(file);
    if (bad) errno = EIO;
    return bad ? -1 : result;
}
int fclose(FILE* file) {
    NEXT(fclose);
    const bool bad = fails("close", file, EIO);
    const int result = real(file);
    if (bad) errno = EIO;
    return bad ? EOF : result;
}
void* malloc(size_t size) {
    // Reading the environment and counting must not come back here.
    static thread_local bool inside = false;
    if (size >= kLargeAllocation && !inside) {
        inside = true;
        const bool bad = is("alloc") && due();
        inside = false;
        if (bad) {
            errno = ENOMEM;
            return nullptr;
        }
    }
    return __libc_malloc(size);
}

}  // extern "C"
