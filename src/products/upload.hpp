#pragma once

#include <optional>
#include <string>

namespace spectile::products {

/// Whether GDAL writes `path` into an object store: /vsis3/, /vsigs/, /vsiaz/, /vsiadls/, /vsioss/.
bool is_bucket(const std::string& path);

/// Copies a local file to an object. Stores show an object only once all of it has come, so what is cut off
/// leaves nothing under its name. Throws Error{Code::write} naming the object, {read} for the file.
void upload_file(const std::string& local, const std::string& object);

/// A small object as text; nothing where it is not there.
std::optional<std::string> text_of_object(const std::string& object);

}  // namespace spectile::products
