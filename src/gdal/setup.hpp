#pragma once

#include <cstddef>
#include <string>

namespace spectile {

/// Registers GDAL's drivers once and turns PROJ's network off. Every entry of this folder calls it; cheap
/// afterwards.
///
/// Threads  safe; call it early from the main thread where threads are many.
void start_gdal();

/// Sets the size of GDAL's block cache, which all threads share (GDAL's own default follows the machine's
/// memory).
void set_gdal_cache_bytes(std::size_t bytes);

/// Sets a GDAL configuration option, "NAME=VALUE", for the whole process. Throws Error{Code::usage} where it
/// has no such form.
void set_gdal_option(const std::string& name_value);

/// "GDAL 3.6.2, PROJ 9.1.1", for provenance.
std::string gdal_version();

}  // namespace spectile
