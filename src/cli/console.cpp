#include "cli/console.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <nlohmann/json.hpp>

namespace spectile::cli {
namespace {

constexpr int kBarWidth = 24;
constexpr auto kLineEvery = std::chrono::seconds(10);

std::string clock_text(double seconds) {
    const long whole = std::lround(seconds);
    return whole >= 3600 ? fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
                         : fmt::format("{}:{:02}", whole / 60, whole % 60);
}

double share(const Progress& progress) {
    return progress.total > 0 ? std::clamp(static_cast<double>(progress.done) / progress.total, 0.0, 1.0) : 0;
}

}  // namespace

std::string progress_line(const Progress& progress) {
    std::string line = fmt::format("{:<11} {:3.0f} %  {} of {}", progress.stage, 100 * share(progress),
                                   progress.done, progress.total);
    if (progress.seconds > 0 && progress.pixels > 0)
        line += fmt::format("  {:.2f} Mpx/s", static_cast<double>(progress.pixels) / progress.seconds / 1e6);
    if (progress.done > 0 && progress.done < progress.total && progress.seconds > 0)
        line +=
            fmt::format("  {} left", clock_text(progress.seconds / share(progress) * (1 - share(progress))));
    return line;
}

void Console::print(const std::string& text) const {
    if (!json) std::cout << text << (text.empty() || text.back() == '\n' ? "" : "\n") << std::flush;
}

void Console::print_json(const nlohmann::ordered_json& document) const {
    // Names in scenes may be anything; what is not UTF-8 is replaced rather than refused.
    if (json)
        std::cout << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  << std::endl;
}

void Console::note(const std::string& line) {
    if (quiet) return;
    clear_bar();
    std::cerr << line << std::endl;
}

void Console::detail(const std::string& line) {
    if (verbose) note(line);
}

void Console::fault(const std::string& message) {
    clear_bar();
    std::cerr << "spectile: " << message << std::endl;
}

void Console::error(const Error& error) {
    fault(error.what());
    if (verbose && !error.detail().empty()) std::cerr << error.detail() << std::endl;
    print_json({{"error", {{"message", error.what()}, {"exit_code", exit_code(error.code())}}}});
}

void Console::progress(const Progress& progress) {
    if (quiet) return;
    const bool finished = progress.done >= progress.total;
    if (isatty(STDERR_FILENO)) {
        const int filled = static_cast<int>(kBarWidth * share(progress));
        std::cerr << "\r\033[K[" << std::string(filled, '#') << std::string(kBarWidth - filled, '-') << "] "
                  << progress_line(progress) << (finished ? "\n" : "") << std::flush;
        bar_shown_ = !finished;
        return;
    }
    const auto now = std::chrono::steady_clock::now();
    const bool new_stage = progress.stage != stage_;
    if (!new_stage && !finished && now - last_line_ < kLineEvery) return;
    stage_ = progress.stage;
    last_line_ = now;
    std::cerr << progress_line(progress) << std::endl;
}

void Console::clear_bar() {
    if (bar_shown_) std::cerr << "\r\033[K";
    bar_shown_ = false;
}

}  // namespace spectile::cli
