#include "prepare/sentinel2_names.hpp"

#include <cctype>
#include <string_view>

namespace spectile::prepare {

std::string sentinel2_name(const std::string& name) {
    constexpr int kBands = 12;
    if (name.size() < 2 || name.size() > 3 || (name[0] != 'B' && name[0] != 'b')) return {};
    std::string_view rest(name);
    rest.remove_prefix(1);
    const bool narrow = rest.back() == 'A' || rest.back() == 'a';
    if (narrow) rest.remove_suffix(1);
    int number = 0;
    for (const char c : rest) {
        if (std::isdigit(static_cast<unsigned char>(c)) == 0) return {};
        number = 10 * number + (c - '0');
    }
    if (number < 1 || number > kBands || (narrow && number != 8)) return {};
    return "B" + std::to_string(number) + (narrow ? "A" : "");
}

}  // namespace spectile::prepare
