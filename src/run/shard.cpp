#include "run/shard.hpp"

#include <charconv>
#include <cstdlib>
#include <numeric>

#include "cluster/array_index.hpp"
#include "cluster/manifest.hpp"
#include "cluster/number_list.hpp"
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

bool is_fraction(const std::string& shard) { return shard.find('/') != std::string::npos; }

int index_of_array() {
    return static_cast<int>(cluster::shard_of_array([](const char* name) { return std::getenv(name); }));
}

void refuse_without_manifest(const RunOptions& options) {
    if (is_fraction(options.shard)) return;
    throw Error(Code::usage, "--shard '" + options.shard +
                                 "' needs --manifest FILE (spectile plan writes one); without, write it as "
                                 "K/N, such as 3/16");
}

std::vector<std::int64_t> parts_in(const cluster::Manifest& manifest, const RunOptions& options,
                                   std::int64_t parts) {
    if (manifest.parts != parts)
        throw Error(Code::definition, manifest.file + ": shares out " + std::to_string(manifest.parts) +
                                          " parts, the run has " + std::to_string(parts) +
                                          "; write it anew with spectile plan --manifest");
    std::vector<std::int64_t> out;
    for (const auto shard : shards_named(options.shard, manifest)) {
        const auto more = manifest.parts_of(shard);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

}  // namespace

Fraction parse_fraction(const std::string& shard) {
    const auto slash = shard.find('/');
    if (slash == std::string::npos)
        throw Error(Code::usage, "--shard '" + shard + "': write it as K/N, such as 3/16");
    const std::string_view text = shard;
    const std::string_view index = text.substr(0, slash);
    const Fraction out{index == "auto" ? index_of_array() : whole_number(index, shard),
                       whole_number(text.substr(slash + 1), shard)};
    if (out.index > out.count)
        throw Error(Code::usage,
                    "--shard " + shard + ": K runs from 1 to N, this is " + std::to_string(out.index));
    return out;
}

int shard_count(const RunOptions& options) {
    if (options.shard.empty()) return 1;
    if (!options.manifest.empty())
        return static_cast<int>(cluster::read_manifest(options.manifest).shards.size());
    refuse_without_manifest(options);
    return parse_fraction(options.shard).count;
}

std::vector<std::int64_t> shards_named(const std::string& shard, const cluster::Manifest& manifest) {
    const auto count = static_cast<std::int64_t>(manifest.shards.size());
    if (shard == "auto") {
        const auto index = index_of_array();
        if (index > count)
            throw Error(Code::usage, "--shard auto: the array's index stands for shard " +
                                         std::to_string(index) + ", " + manifest.file + " has " +
                                         std::to_string(count));
        return {index};
    }
    if (!is_fraction(shard)) return cluster::parse_number_list(shard, "--shard", 1, count);
    const Fraction wanted = parse_fraction(shard);
    if (wanted.count != count)
        throw Error(Code::usage, "--shard " + shard + ": " + manifest.file + " has " + std::to_string(count) +
                                     " shards; write K/" + std::to_string(count) + " or K alone");
    return {wanted.index};
}

std::vector<std::int64_t> parts_of(const RunOptions& options, std::int64_t parts) {
    if (options.shard.empty()) {
        std::vector<std::int64_t> all(static_cast<std::size_t>(parts));
        std::iota(all.begin(), all.end(), 0);
        return all;
    }
    if (!options.manifest.empty()) return parts_in(cluster::read_manifest(options.manifest), options, parts);
    refuse_without_manifest(options);
    const Fraction wanted = parse_fraction(options.shard);
    return plan::parts_of_shard(parts, wanted.index, wanted.count);
}

}  // namespace spectile::run
