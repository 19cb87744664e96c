#include "gdal/errors.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "spectile/error.hpp"

namespace spectile {
namespace {

constexpr std::size_t kMessagesKept = 8;

void keep(std::vector<std::string>& messages, const char* message) {
    const std::string text = message ? message : "";
    if (messages.size() < kMessagesKept &&
        std::find(messages.begin(), messages.end(), text) == messages.end())
        messages.push_back(text);
}

/// GDAL aborts after a message of class CE_Fatal, which it has for memory that it cannot get. Here the
/// process ends in order instead, as after a power cut: nothing may unwind through a library in this state.
[[noreturn]] void end_for_memory(const char* message) {
    static std::atomic<bool> said{false};
    while (said.exchange(true)) pause();  // Another thread's line is enough; it ends the process.
    std::string words = message ? message : "";
    std::replace(words.begin(), words.end(), '\n', ' ');
    const std::string line = "spectile: GDAL got no more memory (" + words +
                             "); lower --memory or --threads and run the same command again: finished parts "
                             "are kept\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, line.data(), line.size());
    _exit(exit_code(Code::memory));
}

void CPL_STDCALL listen_elsewhere(CPLErr severity, CPLErrorNum number, const char* message) {
    if (severity == CE_Fatal) end_for_memory(message);
    CPLDefaultErrorHandler(severity, number, message);
}

}  // namespace

void listen_for_fatal_errors() { CPLSetErrorHandler(listen_elsewhere); }

GdalErrors::GdalErrors() {
    CPLPushErrorHandlerEx(&GdalErrors::listen, this);
    CPLErrorReset();
}

GdalErrors::~GdalErrors() {
    CPLPopErrorHandler();
    CPLErrorReset();
}

void CPL_STDCALL GdalErrors::listen(CPLErr severity, CPLErrorNum /*number*/, const char* message) {
    if (severity == CE_Fatal) end_for_memory(message);
    auto* self = static_cast<GdalErrors*>(CPLGetErrorHandlerUserData());
    if (severity >= CE_Failure) {
        self->failed_ = true;
        keep(self->failures_, message);
    } else if (severity == CE_Warning) {
        keep(self->warnings_, message);
    }
}

void GdalErrors::refuse_lost_reads(const std::string& name) const {
    for (const auto& warning : warnings_)
        if (warning.find("IO error during reading") != std::string::npos)
            throw Error(Code::read,
                        name + ": its header could not be read whole; check the file and the disk", warning);
}

std::string GdalErrors::text() const {
    std::string out;
    for (const auto* messages : {&failures_, &warnings_})
        for (const auto& message : *messages) out += (out.empty() ? "GDAL: " : "; ") + message;
    return out;
}

}  // namespace spectile
