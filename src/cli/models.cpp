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
#include "pipeline/paths.hpp"
#include "spectile/error.hpp"

namespace spectile::cli {
namespace {

namespace fs = std::filesystem;

/// Cards of the model folders in `folder`, by name.
std::vector<ModelCard> cards_in(const std::string& folder) {
    if (!fs::is_directory(folder)) return {};
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder))
        if (fs::exists(entry.path() / "model.yaml")) names.push_back(entry.path().string());
    std::sort(names.begin(), names.end());
    std::vector<ModelCard> cards;
    for (const auto& name : names) cards.push_back(read_model_card(name, known_names()));
    return cards;
}

/// The folder that was named, else `models` here and what is installed.
std::vector<std::string> places(const std::string& named) {
    if (named.empty()) {
        auto folders = definition::model_folders();
        folders.insert(folders.begin(), "models");
        return folders;
    }
    if (!fs::is_directory(named))
        throw Error(Code::missing,
                    named + ": no such folder; name one that holds model folders with --folder");
    return {named};
}

}  // namespace

Action declare_models(CLI::App& app, Console& console) {
    auto folder = std::make_shared<std::string>();
    app.add_option("--folder", *folder, "Folder of model folders; else `models` here, and those installed")
        ->type_name("DIR");
    return [folder, &console] {
        nlohmann::ordered_json document = {{"models", nlohmann::ordered_json::array()},
                                           {"architectures", nlohmann::ordered_json::array()}};
        for (const auto& place : places(*folder))
            for (const auto& card : cards_in(place)) {
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
