#pragma once

#include <string>
#include <vector>

namespace spectile::definition {

/// Whether a name is a file rather than some other GDAL name: no /vsi prefix, no driver or URL prefix (two
/// letters or more before the first colon), no inline XML or JSON.
bool looks_like_file(const std::string& name);

/// Files made absolute against `folder` and normalised; other GDAL names as they stand.
std::string resolved(const std::string& name, const std::string& folder);

/// The absolute folder that a definition lies in; the current folder for an empty name.
std::string folder_of(const std::string& file);

/// Folders of installed models: those of SPECTILE_MODELS (with colons between them), then what was installed
/// with the program (share/spectile/models).
std::vector<std::string> model_folders();

/// The folder of a model: as `resolved`, or, where nothing of that name is there, the installed model of that
/// name.
std::string find_model(const std::string& name, const std::string& folder);

/// File name without folder and last extension, as products' `{stem}`.
std::string stem_of(const std::string& name);

}  // namespace spectile::definition
