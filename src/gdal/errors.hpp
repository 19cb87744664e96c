#pragma once

#include <cpl_error.h>

#include <string>
#include <vector>

namespace spectile {

/// From here on a message of class CE_Fatal, on whatever thread, ends the process with one line and the exit
/// status of Code::memory, where GDAL would abort: it has that class for memory that it cannot get. Inside a
/// GdalErrors the same holds without this call.
void listen_for_fatal_errors();

/// Collects what GDAL says on this thread while the object lives, instead of printing it.
///
/// GDAL reports some losses of data only through its error handler while the call itself returns success, so
/// what was read or written is good only if nothing `failed()` as well. Threads  one thread; scopes nest.
class GdalErrors {
public:
    GdalErrors();
    ~GdalErrors();
    GdalErrors(const GdalErrors&) = delete;
    GdalErrors& operator=(const GdalErrors&) = delete;

    /// Whether there was a message of class CE_Failure or worse.
    bool failed() const { return failed_; }
    /// Failures, then warnings, in GDAL's words, joined by "; " in one line: at most eight of each, none
    /// twice, since a full disk says the same for every block. Empty where nothing was said.
    std::string text() const;
    /// Throws Error{Code::read} naming the file where GDAL went on after a tag or header could not be read:
    /// it only warns of that, and the georeference or the nodata value would be missing without a word.
    void refuse_lost_reads(const std::string& name) const;

private:
    static void CPL_STDCALL listen(CPLErr severity, CPLErrorNum number, const char* message);

    bool failed_ = false;
    std::vector<std::string> failures_, warnings_;
};

}  // namespace spectile
