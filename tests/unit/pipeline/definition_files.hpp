#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "spectile/error.hpp"

namespace spectile {

/// A folder of a test's own, removed with it.
class Folder {
public:
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "spectile_XXXXXX").string();
        path_ = std::filesystem::canonical(::mkdtemp(pattern.data())).string();
    }
    ~Folder() { std::filesystem::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    std::string write(const std::string& name, const std::string& text) const {
        const auto full = std::filesystem::path(file(name));
        std::filesystem::create_directories(full.parent_path());
        std::ofstream(full, std::ios::binary) << text;
        return full.string();
    }

private:
    std::string path_;
};

inline std::string text_of(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    return text.str();
}

/// "definition: my.yaml:3: ..." of the Error that `call` throws; "nothing thrown" otherwise.
template <typename Call>
std::string error_of(Call&& call) {
    try {
        call();
    } catch (const Error& error) {
        return std::to_string(exit_code(error.code())) + " " + error.what();
    }
    return "nothing thrown";
}

}  // namespace spectile
