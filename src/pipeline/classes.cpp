#include <cstdio>
#include <map>
#include <set>

#include "pipeline/shared_readers.hpp"

namespace spectile::definition {
namespace {

using Color = std::array<std::uint8_t, 3>;

/// Twelve colours that are told apart on a map and on paper, then the same again at half brightness, and so
/// on.
Color palette_color(std::size_t index) {
    static constexpr Color kPalette[] = {{214, 39, 40},  {127, 127, 127}, {152, 223, 138}, {44, 130, 60},
                                         {160, 105, 60}, {31, 119, 180},  {255, 187, 70},  {148, 103, 189},
                                         {23, 190, 207}, {227, 119, 194}, {188, 189, 34},  {57, 59, 121}};
    constexpr std::size_t kCount = std::size(kPalette);
    Color color = kPalette[index % kCount];
    for (std::size_t round = 0; round < (index / kCount) % 3; ++round)
        for (auto& part : color) part = static_cast<std::uint8_t>(part * 2 / 3);
    return color;
}

Color color_of(const std::string& text) {
    const auto digits = std::stoul(text.substr(1), nullptr, 16);
    return {static_cast<std::uint8_t>(digits >> 16), static_cast<std::uint8_t>(digits >> 8),
            static_cast<std::uint8_t>(digits)};
}

}  // namespace

std::string color_text(const Color& color) {
    char text[8];
    std::snprintf(text, sizeof text, "#%02x%02x%02x", color[0], color[1], color[2]);
    return text;
}

std::vector<ClassInfo> read_classes(const Document& document, const Value* list, int nodata) {
    std::vector<ClassInfo> classes;
    if (!list) return classes;
    std::set<int> values;
    std::set<std::string> names;
    for (const auto& item : list->items) {
        const std::string path = "classes[" + std::to_string(classes.size()) + "]";
        const int position = static_cast<int>(classes.size()) + 1;
        ClassInfo info{position, item.text, palette_color(classes.size())};
        const Value* value = nullptr;
        if (item.is_map()) {
            value = item.find("value");
            info.value = whole_or(item, "value", position);
            info.name = text_or(item, "name");
            if (const Value* color = item.find("color")) info.color = color_of(color->text);
        }
        const Value& place = value ? *value : item;
        if (info.value == nodata)
            document.fail(place, path + ".value: " + std::to_string(nodata) +
                                     " is also nodata; give the card a nodata that is no class");
        if (!values.insert(info.value).second)
            document.fail(place, path + ".value: " + std::to_string(info.value) + " is given twice");
        if (!names.insert(info.name).second)
            document.fail(item, path + ".name: '" + info.name + "' is given twice");
        classes.push_back(std::move(info));
    }
    return classes;
}

}  // namespace spectile::definition
