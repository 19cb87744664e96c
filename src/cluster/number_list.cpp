#include "cluster/number_list.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "spectile/error.hpp"

namespace spectile::cluster {
namespace {

/// A whole number without sign; -1 where the text is none.
std::int64_t number_of(std::string_view text) {
    std::int64_t value = -1;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    return status == std::errc() && end == text.data() + text.size() && value >= 0 ? value : -1;
}

}  // namespace

std::string number_list(const std::vector<std::int64_t>& ascending) {
    std::string out;
    for (std::size_t i = 0; i < ascending.size();) {
        std::size_t last = i;
        while (last + 1 < ascending.size() && ascending[last + 1] == ascending[last] + 1) ++last;
        out += (out.empty() ? "" : ",") + std::to_string(ascending[i]);
        if (last > i) out += "-" + std::to_string(ascending[last]);
        i = last + 1;
    }
    return out;
}

std::vector<std::int64_t> parse_number_list(const std::string& text, const std::string& what,
                                            std::int64_t least, std::int64_t most) {
    std::vector<std::int64_t> out;
    const std::string_view whole = text;
    for (std::size_t begin = 0; begin <= whole.size();) {
        const std::size_t end = std::min(whole.find(',', begin), whole.size());
        const auto piece = whole.substr(begin, end - begin);
        const auto dash = piece.find('-');
        const auto first = number_of(piece.substr(0, dash));
        const auto last = dash == std::string_view::npos ? first : number_of(piece.substr(dash + 1));
        if (first < 0 || last < first)
            throw Error(Code::usage, what + " '" + text + "': write numbers and runs of them, such as 3,7-9");
        if (first < least || last > most)
            throw Error(Code::usage, what + " '" + text + "': numbers run from " + std::to_string(least) +
                                         " to " + std::to_string(most));
        for (auto number = first; number <= last; ++number) out.push_back(number);
        begin = end + 1;
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

}  // namespace spectile::cluster
