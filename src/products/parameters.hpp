#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "spectile/pipeline.hpp"

namespace spectile::products {

/// The keys of one product as its kind reads them. Every complaint names file, line, product and key.
class Parameters {
public:
    /// Throws Error{Code::definition} for a key that is not among `known`, naming the nearest one that is.
    Parameters(const ProductDefinition& definition, std::initializer_list<const char*> known);

    /// Throws Error{Code::definition} if the value is not one of `choices`; the first is the default.
    std::string choice(const std::string& key, const std::vector<std::string>& choices) const;
    std::optional<double> number(const std::string& key) const;
    /// `threshold` of scores, at least 0 and below 1: 0.5 where it is not given. Throws
    /// Error{Code::definition}.
    double threshold() const;
    /// Empty where it is not given.
    std::string text(const std::string& key) const;
    /// Always throws Error{Code::definition}: "FILE:LINE: products.KIND: message".
    [[noreturn]] void refuse(const std::string& message) const;

private:
    const ProductDefinition& definition_;
    nlohmann::json values_;
};

/// "FILE:LINE: products.KIND: ", or shorter where the definition came from the command line.
std::string where(const ProductDefinition& definition);
/// The same of a mosaic: "FILE:LINE: mosaic.KIND: ".
std::string where(const MosaicDefinition& definition);

}  // namespace spectile::products
