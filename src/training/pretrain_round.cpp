#include "training/pretrain_round.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::training {
namespace {

using Json = nlohmann::ordered_json;
using Found = std::map<std::uint64_t, std::string>;

/// What a process says after it has cut its batch.
struct Word {
    Found found;
    std::uint64_t empty_crops = 0;  ///< Of this batch.
    int code = 0;                   ///< Of the fault that ends it; as `what` says.
    std::string what;
};

std::string text_of(const Word& word) {
    return Json{
        {"found", word.found}, {"empty_crops", word.empty_crops}, {"code", word.code}, {"what", word.what}}
        .dump(-1, ' ', false, Json::error_handler_t::replace);  // Names of files may be in any encoding.
}

Word word_of(const std::string& text) {
    const auto json = Json::parse(text);
    return {.found = json.at("found"),
            .empty_crops = json.at("empty_crops"),
            .code = json.at("code"),
            .what = json.at("what")};
}

/// Cuts and tells the others. Throws the first fault of all, in every process.
std::vector<Word> cut_and_tell(ProcessGroup& group, CropSource& source, const std::function<void()>& cut) {
    Word ours;
    std::exception_ptr fault;
    const auto before = source.left_out.empty_crops;
    try {
        cut();
    } catch (const Error& e) {
        ours.code = static_cast<int>(e.code());
        ours.what = e.what();
        fault = std::current_exception();
    }
    ours.found = source.found;
    ours.empty_crops = source.left_out.empty_crops - before;
    source.left_out.empty_crops = before;
    std::vector<Word> words;
    for (const auto& text : group.gather(text_of(ours))) words.push_back(word_of(text));
    words[static_cast<std::size_t>(group.rank())] = ours;
    if (fault) std::rethrow_exception(fault);
    for (std::size_t rank = 0; rank < words.size(); ++rank)
        if (!words[rank].what.empty())
            throw Error(static_cast<Code>(words[rank].code),
                        fmt::format("process {} of {}: {}", rank, group.size(), words[rank].what));
    return words;
}

}  // namespace

MaskedCrops cut_in_round(ProcessGroup& group, CropSource& source, const std::function<MaskedCrops()>& cut) {
    MaskedCrops ours;
    const auto cut_ours = [&] { ours = cut(); };
    source.found.clear();
    auto words = cut_and_tell(group, source, cut_ours);
    Found found, earlier;
    for (std::size_t rank = 0; rank < words.size(); ++rank) {
        found.insert(words[rank].found.begin(), words[rank].found.end());
        if (static_cast<int>(rank) < group.rank())
            earlier.insert(words[rank].found.begin(), words[rank].found.end());
    }
    if (!found.empty() && group.size() > 1) {
        // What the batches before ours left out, ours does not read.
        source.found = earlier;
        words = cut_and_tell(group, source, cut_ours);
    }
    for (const auto& word : words) {
        source.left_out.empty_crops += word.empty_crops;
        for (const auto& [place, why] : word.found)
            if (source.left_out.places.count(place) == 0) source.leave_out(place, why);
    }
    source.found.clear();
    return ours;
}

void add_losses(ProcessGroup& group, const LossSums& ours, LossSums& sums) {
    static_assert(std::is_trivially_copyable_v<LossSums>);
    std::string bytes(sizeof ours, '\0');
    std::memcpy(bytes.data(), &ours, sizeof ours);
    for (const auto& text : group.gather(bytes)) {
        LossSums theirs;
        std::memcpy(&theirs, text.data(), sizeof theirs);
        sums.add(theirs);
    }
}

bool is_anyone_asked(ProcessGroup& group, const std::function<bool()>& stop) {
    const auto asked = group.gather(stop && stop() ? "stop" : "");
    return std::ranges::any_of(asked, [](const std::string& word) { return !word.empty(); });
}

void check_same_start(ProcessGroup& group, const std::vector<std::string>& facts) {
    const auto all = group.gather(Json(facts).dump());
    const auto first = Json::parse(all.front()).get<std::vector<std::string>>();
    for (int rank = 1; rank < group.size(); ++rank) {
        const auto theirs = Json::parse(all[static_cast<std::size_t>(rank)]).get<std::vector<std::string>>();
        for (std::size_t i = 0; i < first.size(); ++i)
            if (theirs[i] != first[i])
                throw Error(Code::definition, fmt::format("process {} begins with {}, process 0 with {}; all "
                                                          "need the same definition, files, --work folder "
                                                          "and --instructions",
                                                          rank, theirs[i], first[i]));
    }
}

}  // namespace spectile::training
