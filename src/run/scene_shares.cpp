#include "run/scene_shares.hpp"

#include "run/shard.hpp"

namespace spectile::run {

std::vector<SceneShare> share_out(const std::string& shard, std::size_t scenes) {
    if (scenes == 1) return {{0, shard}};
    std::vector<SceneShare> out;
    if (shard.empty()) {
        for (std::size_t scene = 0; scene < scenes; ++scene) out.push_back({scene, ""});
        return out;
    }
    const Fraction wanted = parse_fraction(shard);
    const auto index = static_cast<std::size_t>(wanted.index - 1),
               count = static_cast<std::size_t>(wanted.count);
    if (count <= scenes) {
        for (std::size_t scene = index; scene < scenes; scene += count) out.push_back({scene, ""});
        return out;
    }
    const std::size_t each = count / scenes, more = count % scenes;
    std::size_t first = 0;
    for (std::size_t scene = 0; scene < scenes; ++scene) {
        const std::size_t shards = each + (scene < more ? 1 : 0);
        if (index < first + shards)
            return {
                {scene, shards == 1 ? "" : std::to_string(index - first + 1) + "/" + std::to_string(shards)}};
        first += shards;
    }
    return out;
}

}  // namespace spectile::run
