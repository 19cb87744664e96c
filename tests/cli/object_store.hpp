#pragma once

#include <string>

#include "cli/spawn.hpp"

namespace spectile::test {

/// tests/support/object_store.py while the object lives, and GDAL's environment so that /vsis3/ leads to it.
class ObjectStore {
public:
    explicit ObjectStore(const Folder& folder);
    ~ObjectStore();
    ObjectStore(const ObjectStore&) = delete;
    ObjectStore& operator=(const ObjectStore&) = delete;

    /// Whether it answers; no Python, no store.
    bool runs() const { return !port_.empty(); }
    std::string url() const { return "http://127.0.0.1:" + port_; }
    /// The file that holds an object, "bucket/key".
    std::string file(const std::string& object) const { return root_ + "/objects/" + object; }
    /// From now on every PUT is refused, or no longer.
    void refuse(bool refused) const;
    std::string requests() const;

private:
    std::string root_, port_;
    int process_ = -1;
};

}  // namespace spectile::test
