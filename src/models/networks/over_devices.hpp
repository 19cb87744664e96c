#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "spectile/model.hpp"

namespace spectile::networks {

/// A model that lies whole on each of some devices. Workers take them in turn, so that with as many workers
/// as devices each has one of its own. Which of equal devices a tile met changes nothing in it.
///
/// `make` is called once for each device, as resolve_devices() names them.
std::unique_ptr<Model> over_devices(const std::vector<std::string>& devices,
                                    const std::function<std::unique_ptr<Model>(const std::string&)>& make);

}  // namespace spectile::networks
