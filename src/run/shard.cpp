#include "run/shard.hpp"

#include <charconv>

#include "plan/make_plan.hpp"
#include "spectile/error.hpp"

namespace spectile::run {
namespace {

int whole_number(std::string_view text, const std::string& shard) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 1)
        throw Error(Code::usage, "--shard '" + shard + "': write it as K/N, such as 3/16");
    return value;
}

struct Shard {
    int index = 1, count = 1;
};

Shard parse(const std::string& shard) {
    if (shard.empty()) return {};
    const auto slash = shard.find('/');
    if (slash == std::string::npos)
        throw Error(Code::usage, "--shard '" + shard + "': write it as K/N, such as 3/16");
    const std::string_view text = shard;
    return {whole_number(text.substr(0, slash), shard), whole_number(text.substr(slash + 1), shard)};
}

}  // namespace

int shard_count(const std::string& shard) { return parse(shard).count; }

std::vector<std::int64_t> parts_of(const std::string& shard, std::int64_t parts) {
    const Shard wanted = parse(shard);
    return plan::parts_of_shard(parts, wanted.index, wanted.count);
}

}  // namespace spectile::run
