#pragma once

#include <atomic>
#include <cstdint>
#include <string>

namespace spectile {

/// Bytes that our own positional reads have taken from files since the process began (or the last store of
/// 0).
std::atomic<std::uint64_t>& raw_bytes_read();

/// Bytes read through names with the prefix /vsispectilecount/ since the process began (or the last store of
/// 0).
std::atomic<std::uint64_t>& counted_vsi_bytes_read();

/// Installs GDAL's file system prefix "/vsispectilecount/": "/vsispectilecount//data/a.tif" reads /data/a.tif
/// and counts the bytes. For tests and benchmarks; read-only. Installing it again changes nothing.
void install_counting_files();

/// The counted name of a file.
inline std::string counted_name(const std::string& path) { return "/vsispectilecount/" + path; }

}  // namespace spectile
