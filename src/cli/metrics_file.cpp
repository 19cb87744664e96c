#include "cli/metrics_file.hpp"

#include <fmt/format.h>

#include <ctime>

#include "core/text_file.hpp"

namespace spectile::cli {
namespace {

constexpr std::chrono::seconds kPause{10};

/// A label's value: backslash, quote and line end are escaped.
std::string label(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '"') out += '\\';
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string gauge(const std::string& name, const std::string& help, const std::string& labels,
                  const std::string& value) {
    return fmt::format("# HELP {0} {1}\n# TYPE {0} gauge\n{0}{{{2}}} {3}\n", name, help, labels, value);
}

}  // namespace

MetricsFile::MetricsFile(std::string path, const std::string& run, const std::string& shard)
    : path_(std::move(path)), labels_(fmt::format(R"(run="{}",shard="{}")", label(run), label(shard))) {
    write();
}

void MetricsFile::add(const Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    const bool due = progress.stage != last_.stage || now - written_ >= kPause;
    last_ = progress;
    if (due) write();
}

void MetricsFile::end(int status) {
    status_ = status;
    write();
}

void MetricsFile::write() {
    written_ = std::chrono::steady_clock::now();
    const std::string staged = labels_ + fmt::format(R"(,stage="{}")", label(last_.stage));
    std::string text = gauge("spectile_stage_done", "Finished of this stage: bytes, tiles or files.", staged,
                             std::to_string(last_.done));
    text += gauge("spectile_stage_total", "All of this stage.", staged, std::to_string(last_.total));
    text +=
        gauge("spectile_pixels", "Pixels inferred by this process.", labels_, std::to_string(last_.pixels));
    text += gauge("spectile_seconds", "Seconds spent on them.", labels_, fmt::format("{}", last_.seconds));
    text += gauge("spectile_updated_timestamp_seconds", "When this was written.", labels_,
                  std::to_string(std::time(nullptr)));
    if (status_ >= 0)
        text += gauge("spectile_exit_status", "Exit status; absent while the run goes on.", labels_,
                      std::to_string(status_));
    write_text_file(path_, text);
}

}  // namespace spectile::cli
