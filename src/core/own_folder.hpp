#pragma once

#include <filesystem>

namespace spectile {

/// The folder of the file that this code was loaded from, the program or the library: what is installed with
/// it is found from there. Links are resolved.
std::filesystem::path own_folder();

/// Where it is all installed: above that folder, and above the folder of an architecture's libraries.
std::filesystem::path own_prefix();

}  // namespace spectile
