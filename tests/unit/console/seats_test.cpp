// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/event_brake.h"
#include "daemon/console/seats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::console::test {

namespace {

using testing::ElementsAre;

struct Room {
    void enter(Seats::Id id, Wish wish) {
        seats.enter(id, "client " + std::to_string(id), wish,
                    [this, id](const std::string& writer) {
                        told.push_back(std::to_string(id) + ":" + writer);
                    });
    }

    Seats seats;
    std::vector<std::string> told;
};

TEST(Seats, GiveThePenToTheFirstWhoWouldWrite) {
    Room room;
    room.enter(1, Wish::read);
    EXPECT_EQ(room.seats.writer(), "");
    room.enter(2, Wish::write_next);
    room.enter(3, Wish::write_next);
    EXPECT_EQ(room.seats.writer(), "client 2");
    EXPECT_TRUE(room.seats.writes(2));
    EXPECT_FALSE(room.seats.writes(1));
    EXPECT_FALSE(room.seats.writes(3));
    EXPECT_TRUE(room.told.empty());
}

TEST(Seats, PassThePenToWhoWaitedLongest) {
    Room room;
    for (const Seats::Id id : {1U, 2U, 3U})
        room.enter(id, Wish::write_next);
    room.seats.leave(2);
    room.seats.leave(1);
    EXPECT_TRUE(room.seats.writes(3));
    EXPECT_THAT(room.told, ElementsAre("3:"));
    room.seats.leave(3);
    room.seats.leave(3); // no error
    EXPECT_EQ(room.seats.writer(), "");
    EXPECT_TRUE(room.seats.empty());
}

TEST(Seats, PassThePenOfOneWhoStays) {
    Room room;
    room.enter(1, Wish::write_next);
    room.enter(2, Wish::write_next);
    room.seats.put_down_pen(1);
    EXPECT_TRUE(room.seats.writes(2));
    EXPECT_THAT(room.told, ElementsAre("2:"));
    room.seats.leave(2);
    EXPECT_EQ(room.seats.writer(), "");
    EXPECT_FALSE(room.seats.empty());
}

TEST(Seats, ReturnThePenThatWasTaken) {
    Room room;
    room.enter(1, Wish::write_next);
    room.enter(2, Wish::write_now);
    EXPECT_TRUE(room.seats.writes(2));
    room.seats.leave(2);
    EXPECT_TRUE(room.seats.writes(1));
    EXPECT_THAT(room.told, ElementsAre("1:client 2", "1:"));
}

TEST(EventBrake, LetsThirtyThroughInAPeriod) {
    EventBrake brake;
    const auto begin = EventBrake::Clock::now();
    unsigned passed = 0;
    for (int i = 0; i < 1000; ++i)
        passed += brake.count(begin) ? 1U : 0U;
    EXPECT_EQ(passed, EventBrake::kAllowance - 1); // the last one is served, too, but held
    EXPECT_EQ(brake.end_of_period(), begin + EventBrake::kPeriod);
    EXPECT_TRUE(brake.count(begin + EventBrake::kPeriod));
}

} // namespace

} // namespace pvh::console::test
