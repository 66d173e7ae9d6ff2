// SPDX-License-Identifier: LGPL-2.1-or-later
// What happens to domains is told, once, in order, over restarts of the daemon.
#include "daemon/event_log.h"
#include "rpc/messages_json.h"
#include "tests/unit/daemon/running_daemon.h"

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventsTest : public DaemonTest {
  protected:
    static json list(RawClient& client, const json& params = json::object()) {
        const json reply = client.call("events.list", params);
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
        return reply.value("result", json{{"events", json::array()}});
    }

    /// "domain.created web", one for each.
    static std::vector<std::string> words_of(const json& events) {
        std::vector<std::string> words;
        for (const json& event : events)
            words.push_back(event.at("type").get<std::string>() + " " +
                            event.at("name").get<std::string>());
        return words;
    }

    static std::vector<std::string> told(RawClient& client, const json& params = json::object()) {
        return words_of(list(client, params).at("events"));
    }

    static void expect_gapless(const json& events) {
        for (std::size_t i = 1; i < events.size(); ++i)
            EXPECT_EQ(events[i].at("seq"), events[i - 1].at("seq").get<std::uint64_t>() + 1);
    }

    /// The next notification of that type; the params of those before it are skipped.
    static json next_of(RawClient& client, const std::string& type) {
        for (;;) {
            const auto message = client.reply();
            if (!message) return json{{"type", "connection ended"}};
            if (message->value("method", "") != "event") continue;
            if (message->at("params").at("type") == type) return message->at("params");
        }
    }
};

TEST_F(EventsTest, TheLifeOfADomainIsTold) {
    start();
    RawClient client = connect();
    create(client, "web");
    client.call("domain.pause", {{"name", "web"}});
    client.call("domain.pause", {{"name", "web"}}); // changes nothing
    client.call("domain.unpause", {{"name", "web"}});
    client.call("domain.destroy", {{"name", "web"}});
    const json result = list(client);
    EXPECT_THAT(words_of(result.at("events")),
                ElementsAre("domain.created web", "domain.unpaused web", "domain.paused web",
                            "domain.unpaused web", "domain.destroyed web"));
    EXPECT_EQ(result.at("first"), 1);
    EXPECT_EQ(result.at("last"), 5);
    expect_gapless(result.at("events"));
    EXPECT_EQ(result.at("events")[0].at("data"), (json{{"managed", true}, {"paused", true}}));
}

TEST_F(EventsTest, ARestartIsTwoLives) {
    start();
    RawClient client = connect();
    const DomId id = create(client, "web");
    client.call("events.subscribe");
    guest_ends(id, kReboot);
    const json born = next_of(client, "domain.created");
    EXPECT_EQ(born.at("name"), "web");
    EXPECT_NE(born.at("domid"), id.value());
    next_of(client, "domain.unpaused");
    RawClient other = connect();
    EXPECT_THAT(told(other, {{"since", 2}}),
                ElementsAre("domain.shutdown web", "domain.restarting web", "domain.destroyed web",
                            "domain.created web", "domain.unpaused web"));
    const json events = list(other).at("events");
    EXPECT_EQ(events[2].at("data").at("reason"), "reboot");
    EXPECT_EQ(events[3].at("data").at("reason"), "reboot");
    EXPECT_EQ(events[4].at("data").at("reason"), "reboot");
}

TEST_F(EventsTest, OtherToolstacksDomainsAreTold) {
    start();
    RawClient client = connect();
    client.call("events.subscribe");
    foreign_domain(DomId{40}, random_uuid(), "theirs");
    board_->fire("@introduceDomain");
    const json born = next_of(client, "domain.created");
    EXPECT_EQ(born.at("domid"), 40);
    EXPECT_EQ(born.at("data").at("managed"), false);
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(DomId{40});
    }
    board_->fire("@releaseDomain");
    EXPECT_EQ(next_of(client, "domain.destroyed").at("domid"), 40);
}

TEST_F(EventsTest, TheAnswerComesBeforeTheEvents) {
    start();
    RawClient client = connect();
    create(client, "web");
    const json reply = client.call("events.subscribe", {{"since", 0}});
    EXPECT_EQ(reply.at("result").at("seq"), 0);
    EXPECT_EQ(next_of(client, "domain.created").at("seq"), 1);
    EXPECT_EQ(next_of(client, "domain.unpaused").at("seq"), 2);
    EXPECT_EQ(error_code(client.call("events.subscribe")), "bad_state");
    EXPECT_TRUE(client.call("system.ping").contains("result"));
}

TEST_F(EventsTest, AClientThatOnlyListensMayCloseItsSendingSide) {
    start();
    RawClient listener = connect();
    listener.request(1, "events.subscribe");
    listener.half_close();
    ASSERT_TRUE(listener.reply().has_value());
    RawClient client = connect();
    create(client, "web");
    EXPECT_EQ(next_of(listener, "domain.unpaused").at("name"), "web");
}

TEST_F(EventsTest, SubscribersDoNotHoldAStopUp) {
    start();
    RawClient listener = connect();
    listener.call("events.subscribe");
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(stop());
    EXPECT_LT(std::chrono::steady_clock::now() - begin, options_.stop_patience / 2);
    EXPECT_TRUE(listener.is_hung_up());
}

TEST_F(EventsTest, ASubscriberThatHangsUpIsForgotten) {
    start();
    {
        RawClient listener = connect();
        listener.call("events.subscribe");
    }
    RawClient client = connect();
    create(client, "web");
    EXPECT_THAT(told(client), SizeIs(2));
}

TEST_F(EventsTest, FiltersChooseByTypeAndByDomain) {
    start();
    RawClient client = connect();
    create(client, "one");
    const DomId two = create(client, "two");
    EXPECT_THAT(told(client, {{"name", "one"}}),
                ElementsAre("domain.created one", "domain.unpaused one"));
    EXPECT_THAT(told(client, {{"domid", two.value()}, {"types", {"domain.created"}}}),
                ElementsAre("domain.created two"));
    EXPECT_THAT(told(client, {{"limit", 1}}), ElementsAre("domain.created one"));
    EXPECT_EQ(rpc_code(client.call("events.list", {{"types", {"domain.creatd"}}})), -32602);
    EXPECT_EQ(rpc_code(client.call("events.list", {{"name", "one"}, {"domid", 1}})), -32602);
}

TEST_F(EventsTest, WhatIsNotKeptIsAnError) {
    start();
    RawClient client = connect();
    create(client, "web");
    EXPECT_THAT(told(client, {{"since", 2}}), IsEmpty());
    EXPECT_EQ(error_code(client.call("events.list", {{"since", 3}})), "events_lost");
    const json other{{"since", 1}, {"boot_id", "another"}};
    EXPECT_EQ(error_code(client.call("events.subscribe", other)), "events_lost");
    EXPECT_EQ(rpc_code(client.call("events.list", other)), -32016);
}

TEST_F(EventsTest, ARestartOfTheDaemonLosesNothing) {
    start();
    json before;
    DomId gone;
    {
        RawClient client = connect();
        create(client, "stays");
        gone = create(client, "goes");
        before = list(client);
    }
    ASSERT_TRUE(stop());
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.erase(gone);
    }
    foreign_domain(DomId{40}, random_uuid(), "theirs");
    start();
    RawClient client = connect();
    const json after =
        list(client, {{"since", before.at("last")}, {"boot_id", before.at("boot_id")}});
    EXPECT_THAT(words_of(after.at("events")),
                ElementsAre("domain.destroyed goes", "domain.created theirs"));
    EXPECT_EQ(after.at("first"), 1);
    expect_gapless(list(client).at("events"));
}

TEST_F(EventsTest, WhoReadsTooSlowlyIsToldWhatItMissed) {
    start();
    RawClient client = connect();
    create(client, "web");
    RawClient slow = connect();
    slow.call("events.subscribe", {{"since", 0}});
    // More than are kept and its socket takes, and no more: who takes nothing for long is hung up.
    constexpr unsigned kTimes = daemon::EventLog::kKept * 3 / 4;
    for (unsigned i = 0; i < kTimes; ++i) {
        client.call("domain.pause", {{"name", "web"}});
        client.call("domain.unpause", {{"name", "web"}});
    }
    std::uint64_t last = 0;
    unsigned overflows = 0;
    while (last < 2 + 2 * kTimes) {
        const auto message = slow.reply();
        ASSERT_TRUE(message.has_value()) << "after " << last;
        const json& event = message->at("params");
        if (event.at("type") == "overflow") {
            ++overflows;
            EXPECT_EQ(event.at("data").at("first_lost"), last + 1);
            last = event.at("data").at("last_lost").get<std::uint64_t>();
            EXPECT_EQ(event.at("seq"), last);
        } else {
            EXPECT_EQ(event.at("seq"), last + 1);
            last = event.at("seq").get<std::uint64_t>();
        }
    }
    EXPECT_GE(overflows, 1U);
}

class EventLogTest : public testing::Test {
  protected:
    static void add(daemon::EventLog& log, unsigned count) {
        for (unsigned i = 0; i < count; ++i)
            log.append(rpc::EventType::domain_created, {random_uuid(), "d" + std::to_string(i),
                                                        static_cast<std::uint16_t>(1 + i % 100)});
    }

    TempFolder folder_;
    std::string path_ = folder_ / "events.jsonl";
};

TEST_F(EventLogTest, IsTakenUpAgain) {
    std::string boot_id;
    {
        daemon::EventLog log{path_, "boot"};
        add(log, 3);
        boot_id = log.boot_id();
    }
    const daemon::EventLog log{path_, "boot"};
    EXPECT_EQ(log.boot_id(), boot_id);
    EXPECT_EQ(log.next(), 4U);
    EXPECT_EQ(log.first(), 1U);
    EXPECT_EQ(log.at(2).domain.name, "d1");
    EXPECT_THAT(log.told(), SizeIs(3));
}

TEST_F(EventLogTest, KeepsTheLastOnesAndItsFileInBounds) {
    std::uintmax_t largest = 0;
    {
        daemon::EventLog log{path_, "boot"};
        for (unsigned i = 0; i < 50; ++i) {
            add(log, 200);
            largest = std::max(largest, std::filesystem::file_size(path_));
        }
        EXPECT_EQ(log.next(), 10'001U);
        EXPECT_EQ(log.first(), 10'001U - daemon::EventLog::kKept);
    }
    EXPECT_LT(largest, 2U * 1024 * 1024);
    const daemon::EventLog log{path_, "boot"};
    EXPECT_EQ(log.next(), 10'001U);
    EXPECT_EQ(log.first(), 10'001U - daemon::EventLog::kKept);
    EXPECT_THAT(log.told(), SizeIs(100)); // also those whose creation is no longer kept
}

TEST_F(EventLogTest, AnotherBootOfTheHostIsAnotherLog) {
    std::string boot_id;
    {
        daemon::EventLog log{path_, "boot"};
        add(log, 3);
        boot_id = log.boot_id();
    }
    const daemon::EventLog log{path_, "another"};
    EXPECT_NE(log.boot_id(), boot_id);
    EXPECT_EQ(log.next(), 1U);
    EXPECT_THAT(log.told(), IsEmpty());
}

TEST_F(EventLogTest, ALineThatWasCutShortWasNeverTold) {
    {
        daemon::EventLog log{path_, "boot"};
        add(log, 3);
    }
    std::ofstream{path_, std::ios::app} << R"({"seq":4,"boot)";
    daemon::EventLog log{path_, "boot"};
    EXPECT_EQ(log.next(), 4U);
    add(log, 1);
    EXPECT_EQ((daemon::EventLog{path_, "boot"}.next()), 5U);
}

TEST_F(EventLogTest, WhatCannotBeBelievedBeginsANewLog) {
    std::string whole;
    std::string boot_id;
    {
        daemon::EventLog log{path_, "boot"};
        add(log, 3);
        boot_id = log.boot_id();
        std::ifstream in{path_};
        whole.assign(std::istreambuf_iterator<char>{in}, {});
    }
    const std::string second = whole.substr(0, whole.find('\n') + 1) + "[]\n";
    for (const std::string& text : {std::string{}, std::string{"garbage\n"}, std::string{"{}\n"},
                                    std::string{"{\"schema\":2}\n"}, second, whole + whole}) {
        std::ofstream{path_, std::ios::trunc} << text;
        const daemon::EventLog log{path_, "boot"};
        EXPECT_NE(log.boot_id(), boot_id) << text;
        EXPECT_EQ(log.next(), 1U) << text;
    }
}

TEST_F(EventLogTest, ALogThatCouldNotBeWrittenIsNotTakenUp) {
    const std::string folder = folder_ / "full";
    std::filesystem::create_directory(folder);
    const std::string path = folder + "/events.jsonl";
    daemon::EventLog log{path, "boot"};
    add(log, 2);
    std::filesystem::remove_all(folder); // whatever is written fails
    add(log, 2);
    EXPECT_EQ(log.next(), 5U);
    std::filesystem::create_directory(folder);
    add(log, 1);
    EXPECT_NE((daemon::EventLog{path, "boot"}.boot_id()), log.boot_id());
}

} // namespace
} // namespace pvh::test
