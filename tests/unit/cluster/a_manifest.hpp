#pragma once

#include "cluster/manifest.hpp"

namespace spectile::cluster {

/// Ten parts in three shards.
inline Manifest a_manifest() {
    Manifest out;
    out.recipe = "abc";
    out.components = R"({"instructions":"AVX2","model":"m"})";
    out.instructions = "AVX2";
    out.inputs = R"([{"bytes":7,"modified":5,"path":"/data/scene.dat","sha256":"ff"}])";
    out.work = "/data/.map.tif.spectile";
    out.width = 5120;
    out.height = 1024;
    out.part = 512;
    out.parts = 10;
    out.balanced_by = "sample";
    out.products = {{"class_map", "/data/map.tif"}};
    out.threads = 4;
    out.memory_bytes = std::uint64_t{1} << 30;
    out.shards = {{{0, 4}, 400, 300, 1000, 20}, {{4, 8}, 400, 350, 1000, 25}, {{8, 10}, 200, 200, 500, 10}};
    return out;
}

}  // namespace spectile::cluster
