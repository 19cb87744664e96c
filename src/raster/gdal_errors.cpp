#include "raster/gdal_errors.hpp"

#include "spectile/error.hpp"

namespace spectile {
namespace {
constexpr std::size_t kMessagesKept = 8;
}

GdalErrors::GdalErrors() {
    CPLPushErrorHandlerEx(&GdalErrors::handle, this);
    CPLErrorReset();
}

GdalErrors::~GdalErrors() {
    CPLPopErrorHandler();
    CPLErrorReset();
}

void CPL_STDCALL GdalErrors::handle(CPLErr severity, CPLErrorNum number, const char* message) {
    auto* self = static_cast<GdalErrors*>(CPLGetErrorHandlerUserData());
    if (severity >= CE_Failure) {
        if (self->failures_++ == 0) self->first_number_ = number;
        if (self->messages_.size() < kMessagesKept) self->messages_.emplace_back(message ? message : "");
    } else if (severity == CE_Warning && self->warnings_.size() < kMessagesKept) {
        self->warnings_.emplace_back(message ? message : "");
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
    for (const auto& message : messages_) {
        if (!out.empty()) out += "; ";
        out += message;
    }
    if (failures_ > static_cast<int>(messages_.size()))
        out += "; and " + std::to_string(failures_ - static_cast<int>(messages_.size())) + " more";
    return out;
}

}  // namespace spectile
