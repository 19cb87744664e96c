#pragma once

#include <string>

namespace spectile {

/// The name by which a raster is opened: of /vsistdin/ that of a file into which standard input was copied,
/// of everything else `name` itself.
///
/// A scene is read in many places by several threads, a stream once and forwards; so the first call copies
/// it, into CPL_TMPDIR or TMPDIR, and the file goes when the process ends. Throws Error{Code::missing} where
/// nothing is piped in, Error{Code::write} where it cannot be copied. Threads  safe.
std::string name_to_open(const std::string& name);

}  // namespace spectile
