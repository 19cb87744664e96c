#pragma once

#include <cpl_error.h>

#include <string>
#include <vector>

namespace spectile {

/// Collects what GDAL says on this thread while the object lives, instead of printing it.
///
/// GDAL reports some losses of data only through its error handler while the call itself returns success, so
/// a read is good only if `failures()` is 0 as well. Threads  one thread; scopes nest.
class GdalErrors {
public:
    GdalErrors();
    ~GdalErrors();
    GdalErrors(const GdalErrors&) = delete;
    GdalErrors& operator=(const GdalErrors&) = delete;

    /// Messages of class CE_Failure or worse.
    int failures() const { return failures_; }
    /// Number of the first failure (CPLE_*), 0 where there is none.
    int first_number() const { return first_number_; }
    /// Failures in GDAL's words, joined by "; " (at most eight, so that a damaged file does not fill a log).
    std::string text() const;
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// Throws Error{Code::read} naming the file where GDAL went on after a tag or header could not be read:
    /// it only warns of that, and the georeference or the nodata value would be missing without a word.
    void refuse_lost_reads(const std::string& name) const;

private:
    static void CPL_STDCALL handle(CPLErr severity, CPLErrorNum number, const char* message);

    int failures_ = 0;
    int first_number_ = 0;
    std::vector<std::string> messages_;
    std::vector<std::string> warnings_;
};

}  // namespace spectile
