#include "products/classes.hpp"

#include <algorithm>
#include <set>

#include "spectile/error.hpp"

namespace spectile::products {
namespace {

constexpr int kHighestValue = 65535;

void check_values(const ModelCard& card) {
    std::set<int> seen;
    for (const auto& item : card.classes) {
        if (item.value < 0 || item.value > kHighestValue)
            throw Error(Code::model, card.file + ": classes: value " + std::to_string(item.value) + " of '" +
                                         item.name + "' is outside 0..65535");
        if (!seen.insert(item.value).second)
            throw Error(Code::model,
                        card.file + ": classes: value " + std::to_string(item.value) + " is given twice");
    }
    if (card.nodata < 0 || card.nodata > kHighestValue || seen.contains(card.nodata))
        throw Error(Code::model, card.file + ": nodata: " + std::to_string(card.nodata) +
                                     " must lie in 0..65535 and be no class's value");
}

}  // namespace

void describe_classes(const ModelCard& card, RasterFormat& format) {
    check_values(card);
    int highest = 0;
    for (const auto& item : card.classes) highest = std::max(highest, item.value);
    format.type = std::max(highest, card.nodata) > 254 && !(highest <= 254 && card.nodata == 255)
                      ? DataType::UInt16
                      : DataType::Byte;
    format.nodata = card.nodata;
    format.categories.assign(static_cast<std::size_t>(highest) + 1, "");
    format.colors.assign(static_cast<std::size_t>(highest) + 1, {0, 0, 0, 255});
    if (card.nodata <= highest) {
        format.categories[static_cast<std::size_t>(card.nodata)] = "nodata";
        format.colors[static_cast<std::size_t>(card.nodata)] = {0, 0, 0, 0};
    }
    for (const auto& item : card.classes) {
        const auto value = static_cast<std::size_t>(item.value);
        format.categories[value] = item.name;
        format.colors[value] = {item.color[0], item.color[1], item.color[2], 255};
    }
    format.overviews = OverviewResampling::mode;
}

std::vector<std::string> channel_names(const ModelCard& card, int channels) {
    std::vector<std::string> names;
    const bool named = card.classes.size() == static_cast<std::size_t>(channels);
    for (int c = 0; c < channels; ++c)
        names.push_back(named ? card.classes[static_cast<std::size_t>(c)].name
                              : "class " + std::to_string(c + 1));
    return names;
}

}  // namespace spectile::products
