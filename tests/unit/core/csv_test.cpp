#include "core/csv.hpp"

#include <gmock/gmock.h>

namespace spectile {
namespace {

using testing::ElementsAre;

TEST(Csv, RowsKeepWhatStandsInQuotes) {
    EXPECT_THAT(
        csv_rows("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\n\nlast,"),
        ElementsAre(ElementsAre("a", "b"), ElementsAre("x, \"y\"", "two\nlines"), ElementsAre("last", "")));
}

TEST(Csv, AQuoteThatIsNotClosedIsTold) {
    bool open = false;
    csv_rows("a,\"b\n", &open);
    EXPECT_TRUE(open);
    csv_rows("a,\"b\"\n", &open);
    EXPECT_FALSE(open);
}

TEST(Csv, WhatIsWrittenReadsBack) {
    const std::vector<std::string> fields = {"plain", "", "a, b", "\"q\"", "end"};
    EXPECT_EQ(csv_row(fields), "plain,,\"a, b\",\"\"\"q\"\"\",end\n");
    EXPECT_THAT(csv_rows(csv_row(fields)), ElementsAre(fields));
}

TEST(Csv, ALineEndInAFieldBecomesASpace) { EXPECT_EQ(csv_row({"a\nb", "c"}), "a b,c\n"); }

}  // namespace
}  // namespace spectile
