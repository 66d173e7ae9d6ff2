// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/histories.h"
#include "daemon/console/history.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace pvh::console::test {

namespace {

namespace fs = std::filesystem;
using pvh::test::TempFolder;

std::string all_of(const History& history) {
    std::string all;
    while (history.begin() + all.size() < history.end())
        all += history.read(history.begin() + all.size(), 1000);
    return all;
}

Uuid uuid(std::uint8_t last) {
    Uuid result;
    result.bytes[15] = last;
    return result;
}

constexpr auto kNoneLives = [](const Uuid&) { return false; };

TEST(History, KeepsWhatWasAppendedOverARestart) {
    const TempFolder folder;
    {
        History history = History::open(folder / "h");
        history.begin_life({.id = DomId{7}, .name = "web"}, 0);
        history.append("one ");
        history.append("two");
    }
    const History again = History::open(folder / "h");
    EXPECT_EQ(all_of(again), "one two");
    EXPECT_EQ(again.owner().name, "web");
    EXPECT_EQ(again.owner().id, DomId{7});
}

TEST(History, KeepsTheLastMiB) {
    const TempFolder folder;
    History history = History::open(folder / "h");
    std::string all;
    for (int i = 0; all.size() < 3 * History::kCapacity; ++i) {
        const std::string line = fmt::format("line {}\n", i);
        history.append(line);
        all += line;
    }
    EXPECT_EQ(history.end(), all.size());
    EXPECT_EQ(history.end() - history.begin(), History::kCapacity);
    EXPECT_EQ(all_of(history), all.substr(all.size() - History::kCapacity));
    EXPECT_LE(fs::file_size(folder / "h"), History::kCapacity + 4096);
    EXPECT_EQ(all_of(History::open(folder / "h")), all.substr(all.size() - History::kCapacity));
}

TEST(History, TakesNoMoreRoomThanItNeeds) {
    const TempFolder folder;
    History history = History::open(folder / "h");
    history.append("little");
    EXPECT_LE(fs::file_size(folder / "h"), 128U * 1024);
}

TEST(History, TellsWhereTheRingStoodWhenItsPredecessorWasKilled) {
    const TempFolder folder;
    {
        History history = History::open(folder / "h");
        EXPECT_EQ(history.begin_life({.id = DomId{7}, .name = "web"}, 100), 100U);
        history.append("12345"); // and killed before the guest was told
    }
    History again = History::open(folder / "h");
    EXPECT_EQ(again.begin_life({.id = DomId{7}, .name = "web"}, 100), 105U);
    // Another life has another ring.
    EXPECT_EQ(again.begin_life({.id = DomId{8}, .name = "web"}, 0), 0U);
    again.append("6");
    EXPECT_EQ(History::open(folder / "h").begin_life({.id = DomId{8}, .name = "web"}, 0), 1U);
    EXPECT_EQ(all_of(again), "123456");
}

TEST(History, BeginsAnewInAFileThatCannotBeBelieved) {
    const TempFolder folder;
    std::ofstream{folder / "h"} << std::string(200000, 'x');
    EXPECT_FALSE(History::find(folder / "h"));
    History history = History::open(folder / "h");
    EXPECT_EQ(history.end(), 0U);
    history.append("good");
    EXPECT_EQ(all_of(history), "good");
}

TEST(History, LivesInMemoryIfTheFolderTakesNoFile) {
    History history = History::open("/no/such/folder/h");
    history.append("kept");
    EXPECT_EQ(all_of(history), "kept");
}

TEST(Histories, FindsTheLatestOfAName) {
    const TempFolder folder;
    Histories histories{folder / "console"};
    histories.open(uuid(1))->begin_life({.id = DomId{1}, .name = "web"}, 0);
    histories.open(uuid(2))->begin_life({.id = DomId{2}, .name = "web"}, 0);
    histories.open(uuid(3))->begin_life({.id = DomId{3}, .name = "other"}, 0);
    fs::last_write_time(folder / ("console/" + to_string(uuid(1))),
                        fs::file_time_type::clock::now() + std::chrono::hours{1});
    const auto found = histories.find_named("web");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->uuid, uuid(1));
    EXPECT_FALSE(histories.find_named("nobody"));
    EXPECT_FALSE(histories.find(uuid(9)));
}

TEST(Histories, AreTheSameForAllWhoHoldOne) {
    const TempFolder folder;
    Histories histories{folder / "console"};
    const auto writer = histories.open(uuid(1));
    writer->append("x");
    EXPECT_EQ(histories.open(uuid(1)), writer);
    EXPECT_EQ(histories.find(uuid(1)), writer);
}

TEST(Histories, OfEndedDomainsAreBounded) {
    const TempFolder folder;
    Histories histories{folder / "console"};
    std::ofstream{folder / "console/no-history"} << "stays";
    for (std::uint8_t i = 0; i < 40; ++i) {
        histories.open(uuid(i))->append("x");
        fs::last_write_time(folder / ("console/" + to_string(uuid(i))),
                            fs::file_time_type::clock::now() - std::chrono::hours{40 - i});
    }
    histories.prune([](const Uuid& id) { return id == uuid(0); });
    EXPECT_TRUE(histories.find(uuid(0))); // it lives
    EXPECT_FALSE(histories.find(uuid(7)));
    EXPECT_TRUE(histories.find(uuid(8)));
    histories.prune(kNoneLives);
    EXPECT_FALSE(histories.find(uuid(0)));
    EXPECT_TRUE(fs::exists(folder / "console/no-history"));
}

TEST(Histories, OfOneThatEndsAfterALongSilenceIsTheLatest) {
    const TempFolder folder;
    Histories histories{folder / "console"};
    for (std::uint8_t i = 0; i < 40; ++i) {
        histories.open(uuid(i))->append("x");
        fs::last_write_time(folder / ("console/" + to_string(uuid(i))),
                            fs::file_time_type::clock::now() - std::chrono::hours{40 - i});
    }
    histories.open(uuid(0))->end_life();
    histories.prune(kNoneLives);
    EXPECT_TRUE(histories.find(uuid(0)));
    EXPECT_FALSE(histories.find(uuid(8)));
}

} // namespace

} // namespace pvh::console::test
