#pragma once

#include <functional>
#include <string>
#include <vector>

namespace spectile {

/// Whether reads may fail for a moment: /vsicurl/, /vsis3/ and their like, at any place of the name.
bool is_remote(const std::string& name);

/// Runs `attempt`; where it throws Error and `files` (the remote ones it reads) are not empty, forgets what
/// GDAL remembers of them and tries again, three times in all with growing pauses. The last error is thrown
/// as Error{Code::read} with the number of tries; with its own code where `first_contact` says that nothing
/// of the file was read before, so that a wrong name stays one.
void with_retries(const std::vector<std::string>& files, const std::function<void()>& attempt,
                  bool first_contact = false);

}  // namespace spectile
