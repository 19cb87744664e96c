#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace spectile::run {

/// What one process does of one scene.
struct SceneShare {
    std::size_t scene = 0;
    std::string shard;  ///< "K/N" of its parts; empty: all of them, and the products.
};

/// What shard K/N has of several scenes, in order. Up to as many shards as scenes, shard K takes every N-th
/// scene from the K-th on, whole. With more, each scene is shared out over N / scenes of them (one more for
/// the first N % scenes), and merge publishes. Without a shard: all scenes, whole. Of a single scene the
/// shard is handed on as it is. Throws Error{Code::usage}.
std::vector<SceneShare> share_out(const std::string& shard, std::size_t scenes);

}  // namespace spectile::run
