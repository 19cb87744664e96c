// STAC item collections as an index.
#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "core/csv.hpp"
#include "pipeline/paths.hpp"
#include "pipeline/scene_lists.hpp"
#include "training/held_text.hpp"

namespace spectile::training {
namespace {

using Item = nlohmann::json;

std::string text_in(const Item& properties, const char* key) {
    const auto found = properties.find(key);
    return found != properties.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// `ml-aoi:split` is what the ML AOI extension calls a role.
std::string row_of(const Item& item, const std::string& file, const std::vector<std::string>& assets) {
    const auto scene = definition::scene_from_stac_item(item, file, definition::folder_of(file), assets);
    const Item properties = item.value("properties", Item::object());
    return csv_row({fmt::format("{}", fmt::join(scene.paths, ";")), text_in(properties, "datetime"),
                    text_in(properties, "ml-aoi:split")});
}

}  // namespace

std::shared_ptr<const IndexText> IndexText::of_stac(const std::string& file,
                                                    const std::vector<std::string>& assets) {
    std::ifstream in(file, std::ios::binary);
    if (!in) throw Error(Code::missing, file + ": the index cannot be opened");
    std::string text = "path,date,role\n";
    constexpr int kItemDepth = 2;  // The collection, its list `features`, an item.
    std::string list;
    const auto take_item = [&](int depth, Item::parse_event_t event, Item& parsed) {
        if (event == Item::parse_event_t::key && depth == 1) list = parsed.get<std::string>();
        if (event != Item::parse_event_t::object_end || depth != kItemDepth || list != "features")
            return true;
        text += row_of(parsed, file, assets);
        return false;
    };
    try {
        const Item rest = Item::parse(in, take_item);
        if (rest.is_object() && rest.contains("assets")) text += row_of(rest, file, assets);
    } catch (const Item::exception& problem) {
        throw Error(Code::definition, file + ": is not valid JSON or no STAC item collection",
                    problem.what());
    }
    return std::make_shared<HeldText>(file, "item", std::move(text));
}

}  // namespace spectile::training
