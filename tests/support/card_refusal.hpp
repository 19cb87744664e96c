#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "models/entries/registry.hpp"
#include "spectile/error.hpp"

namespace spectile::test {

/// What an architecture says against a card of the file m/model.yaml: one line that names it, or "accepted".
inline std::string message_of(const ModelCard& card) {
    try {
        traits_of(card);
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Code::model);
        EXPECT_THAT(e.what(), testing::StartsWith("m/model.yaml: "));
        EXPECT_THAT(e.what(), testing::Not(testing::HasSubstr("\n")));
        return e.what();
    }
    return "accepted";
}

}  // namespace spectile::test
