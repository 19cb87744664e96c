#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace spectile::entries {

/// Where a parameter was said and what may be said: reads the card's JSON object key by key.
///
/// Every reader throws Error{Code::model} naming the card, the key, what was found and what is allowed.
class Parameters {
public:
    /// `text` must be a JSON object with no other keys than `known`.
    Parameters(const std::string& text, std::string where, const std::vector<std::string>& known);
    ~Parameters();

    bool has(const std::string& key) const;
    /// A whole number in [low, high]; `fallback` where the key is absent.
    int whole(const std::string& key, int fallback, int low, int high) const;
    double positive(const std::string& key, double fallback) const;
    /// A number in [0, 1), which must be there.
    double fraction(const std::string& key) const;
    bool flag(const std::string& key, bool fallback) const;
    std::string one_of(const std::string& key, const std::string& fallback,
                       const std::vector<std::string>& allowed) const;
    /// A list of exactly `count` whole numbers in [low, high]; empty where the key is absent.
    std::vector<int> whole_list(const std::string& key, std::size_t count, int low, int high) const;
    [[noreturn]] void refuse(const std::string& key, const std::string& why) const;

private:
    const nlohmann::json* find(const std::string& key) const;
    std::string where_;
    std::unique_ptr<nlohmann::json> object_;
};

}  // namespace spectile::entries
