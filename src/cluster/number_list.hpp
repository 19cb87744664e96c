#pragma once

#include <cstdint>
#include <string>
#include <vector>

// What lets many machines share one run: manifests, shard numbers, the files of schedulers, and a look at who
// does what. Plain data and text; no scene, no GDAL, no network. Everything here may be called by any thread.

namespace spectile::cluster {

/// "3,7-9" as array schedulers write it: ascending numbers, runs joined by a dash; empty for none.
std::string number_list(const std::vector<std::int64_t>& ascending);

/// The numbers of "3,7-9", ascending, each once. `what` begins the message ("--shard"). Throws
/// Error{Code::usage} for anything else, for numbers below `least` or above `most`, and for runs backwards.
std::vector<std::int64_t> parse_number_list(const std::string& text, const std::string& what,
                                            std::int64_t least, std::int64_t most);

}  // namespace spectile::cluster
