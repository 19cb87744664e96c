#include "pipeline/nearest.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace spectile::definition {
namespace {

constexpr std::size_t kLongestName = 64;  // longer words are no misspelt keys; also bounds the table below

/// Optimal string alignment distance, without regard to case.
std::size_t edits(std::string_view a, std::string_view b) {
    const auto same = [](char x, char y) {
        return std::tolower(static_cast<unsigned char>(x)) == std::tolower(static_cast<unsigned char>(y));
    };
    std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) cost[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) cost[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = cost[i - 1][j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
            cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, change});
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
    return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view name, const std::vector<std::string>& known) {
    if (name.empty() || name.size() > kLongestName) return {};
    const std::size_t limit = std::clamp<std::size_t>(name.size() / 3, 1, 3);
    std::size_t fewest = limit + 1;
    std::string best;
    for (const auto& candidate : known) {
        if (candidate.size() > kLongestName) continue;
        const std::size_t distance = edits(name, candidate);
        if (distance < fewest && distance < std::max(name.size(), candidate.size())) {
            fewest = distance;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view name, const std::vector<std::string>& known) {
    if (const std::string near = nearest(name, known); !near.empty()) return "; did you mean '" + near + "'?";
    std::string list;
    for (const auto& candidate : known) list += (list.empty() ? "" : ", ") + candidate;
    return list.empty() ? std::string() : "; known: " + list;
}

}  // namespace spectile::definition
