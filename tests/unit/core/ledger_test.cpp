#include "core/ledger.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace spectile {
namespace {

namespace fs = std::filesystem;

class LedgerTest : public testing::Test {
protected:
    void SetUp() override {
        folder_ = (fs::temp_directory_path() / ("ledger-test-" + std::to_string(::getpid()))).string();
        fs::remove_all(folder_);
    }
    void TearDown() override { fs::remove_all(folder_); }
    static PartEntry entry(std::int64_t part) {
        return {part, 7, {{"class_map", {"parts/p.tif", 123, {"aa", "bb"}}}}};
    }
    std::string only_journal() const { return fs::directory_iterator(folder_)->path().string(); }
    std::string folder_;
};

TEST_F(LedgerTest, RemembersPartsOverAttempts) {
    Ledger(folder_).add(entry(3));
    Ledger(folder_).add(entry(5));
    const Ledger again(folder_);
    ASSERT_EQ(again.parts().size(), 2u);
    EXPECT_EQ(again.parts().at(3).products.at("class_map").blocks, (std::vector<std::string>{"aa", "bb"}));
    EXPECT_EQ(again.parts().at(5).products.at("class_map").bytes, 123);
}

TEST_F(LedgerTest, AForgottenPartThatWasMadeAgainIsThereWhicheverJournalIsReadFirst) {
    // Journals have names by chance: in some of these cases the one that forgets is read last.
    for (int i = 0; i < 16; ++i) {
        Ledger(folder_).add(entry(i));
        Ledger(folder_).forget(i);
        EXPECT_FALSE(Ledger(folder_).parts().contains(i));
        Ledger(folder_).add(entry(i));
        EXPECT_TRUE(Ledger(folder_).parts().contains(i));
    }
}

TEST_F(LedgerTest, LeavesOutPartsOfAnotherRecipe) {
    // As if two machines had begun the work directory at the same moment, one of them at another level.
    Ledger(folder_, "avx2").add(entry(3));
    Ledger(folder_, "avx512").add(entry(5));
    const Ledger ours(folder_, "avx2");
    EXPECT_EQ(ours.parts().size(), 1u);
    EXPECT_TRUE(ours.parts().contains(3));
    EXPECT_EQ(ours.foreign_lines(), 1);
    EXPECT_EQ(Ledger(folder_).parts().size(), 2u);
}

TEST_F(LedgerTest, PassesOverTornAndDamagedLines) {
    {
        Ledger ledger(folder_);
        ledger.add(entry(1));
        ledger.add(entry(2));
        ledger.add(entry(3));
    }
    const auto journal = only_journal();
    std::fstream file(journal, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(30);
    file.put('~');  // one letter of part 1's line
    file.close();
    fs::resize_file(journal, fs::file_size(journal) - 9);  // part 3's line torn
    const Ledger again(folder_);
    EXPECT_EQ(again.damaged_lines(), 2);
    ASSERT_EQ(again.parts().size(), 1u);
    EXPECT_TRUE(again.parts().contains(2));
}

TEST_F(LedgerTest, EveryPrefixOfAJournalReadsAsAPrefixOfItsParts) {
    {
        Ledger ledger(folder_);
        for (int i = 0; i < 4; ++i) ledger.add(entry(i));
    }
    const auto journal = only_journal();
    for (auto size = fs::file_size(journal); size > 0; --size) {
        fs::resize_file(journal, size);
        const Ledger again(folder_);
        std::int64_t expected = 0;
        for (const auto& [part, _] : again.parts()) EXPECT_EQ(part, expected++);
    }
}

TEST_F(LedgerTest, ForgottenPartsStayForgotten) {
    {
        Ledger ledger(folder_);
        ledger.add(entry(1));
        ledger.forget(1);
    }
    EXPECT_TRUE(Ledger(folder_).parts().empty());
}

TEST_F(LedgerTest, OfSomePartsIsReadWhereTheseAreWanted) {
    Ledger(folder_, "", {0, 9}).add(entry(3));
    Ledger(folder_, "", {10, 19}).add(entry(12));
    Ledger(folder_).add(entry(14));
    const Ledger second(folder_, "", {10, 19});
    EXPECT_FALSE(second.parts().contains(3)) << "another's journal need not be opened";
    EXPECT_TRUE(second.parts().contains(12));
    EXPECT_TRUE(second.parts().contains(14)) << "a journal without a range speaks of all";
    const Ledger across(folder_, "", {9, 10});
    EXPECT_EQ(across.parts().size(), 3u) << "ranges that meet are read whole";
    EXPECT_EQ(Ledger(folder_).parts().size(), 3u);
    // What one of the parts' own attempts forgets is forgotten for all of its later readers.
    Ledger(folder_, "", {12, 12}).forget(12);
    EXPECT_FALSE(Ledger(folder_, "", {10, 19}).parts().contains(12));
    EXPECT_FALSE(Ledger(folder_).parts().contains(12));
}

}  // namespace
}  // namespace spectile
