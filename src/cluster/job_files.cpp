#include "cluster/job_files.hpp"

#include <algorithm>
#include <cmath>

namespace spectile::cluster {

std::vector<std::string> words_of(const JobRequest& request, const std::string& verb,
                                  const std::vector<std::string>& more) {
    std::vector<std::string> words = {verb, request.pipeline};
    if (!request.manifest.file.empty()) words.insert(words.end(), {"--manifest", request.manifest.file});
    words.insert(words.end(), more.begin(), more.end());
    words.insert(words.end(), request.options.begin(), request.options.end());
    return words;
}

std::string shard_word(const JobRequest& request) {
    return request.manifest.file.empty() ? "auto/" + std::to_string(request.manifest.shards.size()) : "auto";
}

std::int64_t memory_mib(const Manifest& manifest) {
    // A run takes 85 % of what it was granted as its budget; whole 64 MiB, and one of them to spare.
    constexpr double kShareOfGrant = 0.85, kStep = 64.0 * 1048576;
    return 64 *
           (static_cast<std::int64_t>(static_cast<double>(manifest.memory_bytes) / kShareOfGrant / kStep) +
            1);
}

double estimated_time_s(const Manifest& manifest) {
    constexpr double kStep_s = 300;
    double longest_s = -1;
    for (const auto& shard : manifest.shards) longest_s = std::max(longest_s, shard.seconds);
    return longest_s < 0 ? 0 : kStep_s * (std::ceil(2 * longest_s / kStep_s) + 1);
}

std::string shell_word(const std::string& word) {
    static const std::string kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
    std::string out = "'";
    for (const char letter : word) out += letter == '\'' ? "'\\''" : std::string(1, letter);
    return out + "'";
}

std::string shell_words(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) out += (out.empty() ? "" : " ") + shell_word(word);
    return out;
}

}  // namespace spectile::cluster
