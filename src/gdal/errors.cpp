#include "gdal/errors.hpp"

#include <algorithm>

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

}  // namespace

GdalErrors::GdalErrors() {
    CPLPushErrorHandlerEx(&GdalErrors::listen, this);
    CPLErrorReset();
}

GdalErrors::~GdalErrors() {
    CPLPopErrorHandler();
    CPLErrorReset();
}

void CPL_STDCALL GdalErrors::listen(CPLErr severity, CPLErrorNum /*number*/, const char* message) {
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
