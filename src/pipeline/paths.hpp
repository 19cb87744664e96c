#pragma once

#include <string>

namespace spectile::definition {

/// Whether a name is a file rather than some other GDAL name: no /vsi prefix, no driver or URL prefix (two
/// letters or more before the first colon), no inline XML or JSON.
bool looks_like_file(const std::string& name);

/// Files made absolute against `folder` and normalised; other GDAL names as they stand.
std::string resolved(const std::string& name, const std::string& folder);

/// The absolute folder that a definition lies in; the current folder for an empty name.
std::string folder_of(const std::string& file);

/// File name without folder and last extension, as products' `{stem}`.
std::string stem_of(const std::string& name);

}  // namespace spectile::definition
