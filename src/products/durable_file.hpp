#pragma once

#include <string>
#include <vector>

namespace spectile::products {

/// Forces a file's bytes, or a folder's names, to disk. Throws Error{Code::write} naming the path.
void sync_file(const std::string& path);
void sync_folder(const std::string& path);
/// The folder that `path` lies in; "." where it names none.
std::string folder_of(const std::string& path);
/// The files that a product consists of: itself, or, where a format makes a folder of it, those in there, in
/// name order.
std::vector<std::string> files_of_product(const std::string& path);
/// `path` with a suffix that no other process and no other call gives: host, process namespace, process and a
/// counter.
std::string temporary_name(const std::string& path);
/// Deletes temporary files and folders (`temporary_name`) in `folder` whose process ended on this host
/// without tidying up. Those of other hosts and containers are left alone.
void remove_leftovers(const std::string& folder);
/// The same, but only the first time that this process asks: a folder of ten thousand products is not listed
/// for each of them.
void remove_leftovers_once(const std::string& folder);
/// Why nothing can be written to `path`, as the file system says: throws Error{Code::permission} where it is
/// not allowed, else Error{Code::write} (folder gone, disk full, `what` otherwise) with `detail`.
[[noreturn]] void throw_write_error(const std::string& path, const std::string& what,
                                    const std::string& detail);

}  // namespace spectile::products
