#include "run/audit.hpp"

#include <fmt/format.h>

#include "prepare/audit.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

constexpr std::int64_t kSide = 24;  ///< Of a sample window, in pixels.
constexpr std::int64_t kAcross = 4;

/// Windows spread evenly over the extent, from its pixels alone.
std::vector<Window> sample_windows(const Window& extent) {
    std::vector<Window> out;
    for (std::int64_t row = 0; row < kAcross; ++row)
        for (std::int64_t col = 0; col < kAcross; ++col) {
            const Window window{extent.x + (2 * col + 1) * extent.width / (2 * kAcross) - kSide / 2,
                                extent.y + (2 * row + 1) * extent.height / (2 * kAcross) - kSide / 2, kSide,
                                kSide};
            const Window inside = intersect(window, extent);
            if (!inside.empty()) out.push_back(inside);
        }
    return out;
}

std::string row_text(const prepare::AuditRow& row) {
    std::string text = fmt::format("{}: median {:.4g}, from {:.4g} to {:.4g}", row.band, row.median,
                                   row.minimum, row.maximum);
    if (row.expected_mean)
        text += fmt::format("; the model saw {:.4g} +- {:.4g}", *row.expected_mean,
                            row.expected_deviation.value_or(0));
    return text;
}

}  // namespace

AuditResult audit_scene(const Job& job, bool strict) {
    AuditResult result;
    if (job.card.architecture == "identity") return result;
    std::vector<Cube> samples;
    const auto reader = job.scene->reader();
    for (const Window& window : sample_windows(job.plan.extent))
        reader->read(window, job.chain->source_bands(), samples.emplace_back());
    const auto report = prepare::audit(job.scene->info().name, *job.chain, job.card, samples);
    result.warnings = report.warnings;
    for (const auto& row : report.rows) result.rows.push_back(row_text(row));
    if (strict && !result.warnings.empty())
        throw Error(Code::scene, result.warnings.front() + " (refused by --strict)");
    return result;
}

}  // namespace spectile::run
