#include "training/frozen_step.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "spectile/error.hpp"

namespace spectile::training {

bool can_freeze(const std::string& step) { return step == "standardise" || step == "min_max"; }

void freeze_step(ModelCard& card, const std::string& step, const std::vector<BandStatistics>& bands) {
    for (auto& written : card.prepare) {
        auto parameters = nlohmann::json::parse(written.parameters);
        if (written.name != step || parameters.value("from", std::string()) != "scene") continue;
        parameters.erase("from");
        const bool standardise = step == "standardise";
        for (const auto& band : bands) {
            parameters[standardise ? "mean" : "min"].push_back(standardise ? band.mean : band.minimum);
            parameters[standardise ? "std" : "max"].push_back(standardise ? band.standard_deviation
                                                                          : band.maximum);
        }
        written.parameters = parameters.dump();
        return;
    }
    throw Error(Code::internal, fmt::format("{}: step {} cannot be frozen", card.file, step));
}

}  // namespace spectile::training
