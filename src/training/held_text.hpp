#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "core/checksum.hpp"
#include "training/index_text.hpp"

namespace spectile::training {

/// Lines in one text, one for each image after the column names. `noun` is what `where` calls an image.
class HeldText final : public IndexText {
public:
    HeldText(std::string file, std::string noun, std::string text)
        : file_(std::move(file)), noun_(std::move(noun)), text_(std::move(text)) {}

    std::string each_line(const std::function<void(std::uint64_t, const std::string&)>& use) const override {
        for (std::size_t begins = 0; begins < text_.size(); begins = text_.find('\n', begins) + 1)
            use(begins, line(begins));
        return sha256_of(text_);
    }
    std::string line(std::uint64_t place) const override {
        return text_.substr(place, text_.find('\n', place) - place);
    }
    std::string where(std::uint64_t place) const override {
        const auto end = text_.begin() + static_cast<std::ptrdiff_t>(place);
        return fmt::format("{}: {} {}", file_, noun_, std::count(text_.begin(), end, '\n'));
    }

private:
    std::string file_, noun_, text_;
};

}  // namespace spectile::training
