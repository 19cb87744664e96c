#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/declare.hpp"
#include "cli/known.hpp"
#include "models/entries/registry.hpp"
#include "pipeline/model_card.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;

/// Cards of the model folders in `folder`, by name. A folder that nobody named may be absent.
std::vector<ModelCard> cards_in(const std::string& folder, bool named) {
    if (!fs::is_directory(folder) && !named) return {};
    if (!fs::is_directory(folder))
        throw Error(Code::missing,
                    folder + ": no such folder; name one that holds model folders with --folder");
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        if (fs::exists(entry.path() / "model.yaml")) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    std::vector<ModelCard> cards;
    for (const auto& name : names) cards.push_back(read_model_card(name, known_names()));
    return cards;
}

}  // namespace

Action declare_models(CLI::App& app, Console& console) {
    auto folder = std::make_shared<std::string>("models");
    auto* option = app.add_option("--folder", *folder, "Folder of model folders")
                       ->type_name("DIR")
                       ->capture_default_str();
    return [folder, option, &console] {
        nlohmann::ordered_json document = {{"models", nlohmann::ordered_json::array()},
                                           {"architectures", nlohmann::ordered_json::array()}};
        for (const auto& card : cards_in(*folder, option->count() > 0)) {
            document["models"].push_back({{"folder", card.folder},
                                          {"name", card.name},
                                          {"architecture", card.architecture},
                                          {"summary", card.summary}});
            console.print(fmt::format("{:<28} {:<18} {}", card.name, card.architecture, card.summary));
        }
        console.print("\narchitectures:");
        for (const auto& entry : model_entries()) {
            document["architectures"].push_back({{"name", entry.name}, {"summary", entry.summary}});
            console.print(fmt::format("{:<28} {}", entry.name, entry.summary));
        }
        console.print_json(document);
        return 0;
    };
}

}  // namespace spectile::cli
