// SPDX-License-Identifier: LGPL-2.1-or-later
// Domains that are built before anybody asks for them.
#include "config/read_config.h"
#include "libdomain/device/store_node.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class PoolTest : public DaemonTest {
  protected:
    /// A pool of so many as config() describes.
    void order(unsigned size, std::uint64_t mib = 1024) {
        DomainSpec spec =
            config::read_domain_config({.name = "class", .text = config("class")}, {}, "/").spec;
        options_.pool = {{.file = "/class.cfg", .spec = std::move(spec), .size = size}};
        options_.pool_mib = mib;
    }

    /// Starts with it, and waits for them.
    void start_with(unsigned size, std::uint64_t mib = 1024) {
        order(size, mib);
        start();
        ASSERT_TRUE(eventually([&] { return ready() == std::min<std::uint64_t>(size, mib / 64); }));
        waiting_ = ids();
    }

    std::set<DomId> ids() {
        const std::lock_guard lock{xen_.mutex};
        std::set<DomId> all;
        for (const auto& [id, domain] : xen_.domains)
            if (id != kDom0) all.insert(id);
        return all;
    }

    [[nodiscard]] std::uint64_t figure(const std::string& name) const {
        const std::string text =
            connect().call("metrics.get").at("result").at("text").get<std::string>();
        const auto at = text.find("\n" + name);
        if (at == std::string::npos) return 0;
        const auto value = text.find(' ', at);
        return std::stoull(text.substr(value + 1));
    }

    [[nodiscard]] std::uint64_t ready() const { return figure("pvhd_pool_domains_ready"); }

    /// Whether these bytes are anywhere in the guest's memory.
    bool has_in_memory(DomId id, const std::string& text) {
        const std::lock_guard lock{xen_.mutex};
        const auto& pages = xen_.domains.at(id).touched;
        return std::any_of(pages.begin(), pages.end(), [&](const auto& page) {
            const std::string_view bytes{reinterpret_cast<const char*>(page.second.data()),
                                         page.second.size()};
            return bytes.find(text) != std::string_view::npos;
        });
    }

    std::string node(const std::string& path) {
        return fake::FakeStore{xen_}.read(path).value_or("(none)");
    }

    std::set<DomId> waiting_;
};

TEST_F(PoolTest, ThoseThatWaitAreSeenNowhere) {
    start_with(2);
    auto client = connect();
    EXPECT_EQ(client.call("domain.list").at("result").at("domains").size(), 1U); // dom0
    board_->fire("@introduceDomain");
    EXPECT_EQ(client.call("domain.list").at("result").at("domains").size(), 1U);
    const json events = client.call("events.list", {{"since", 0}}).at("result").at("events");
    for (const json& event : events)
        EXPECT_EQ(event.dump().find("prepared"), std::string::npos) << event.dump();
    for (const DomId id : waiting_)
        EXPECT_FALSE(xen_.domains.at(id).has_run);
}

TEST_F(PoolTest, ACreateThatFitsTakesOne) {
    start_with(2);
    auto client = connect();
    const DomId id = create(client, "web",
                            "extra = \"root=/dev/xvda quiet\"\n"
                            "disk = [ '/disk,raw,xvda,rw' ]\n");
    EXPECT_TRUE(waiting_.contains(id)) << id.value();
    EXPECT_TRUE(xen_.domains.at(id).has_run);
    EXPECT_TRUE(has_in_memory(id, "root=/dev/xvda quiet"));
    EXPECT_EQ(node(device::domain_path(id) + "/name"), "web");
    EXPECT_EQ(node(node(device::domain_path(id) + "/vm") + "/name"), "web");
    const json got = client.call("domain.get", {{"name", "web"}}).at("result");
    EXPECT_EQ(node(device::domain_path(id) + "/vm"),
              "/vm/" + got.at("status").at("uuid").get<std::string>());
    EXPECT_EQ(got.at("status").at("managed"), true);
    EXPECT_EQ(client.call("device.list", {{"name", "web"}}).at("result").at("devices").size(), 1U);
    EXPECT_EQ(figure("pvhd_pool_hits_total"), 1U);
    EXPECT_TRUE(eventually([&] { return ready() == 2; })); // another has come
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
}

TEST_F(PoolTest, WhatDoesNotFitIsBuilt) {
    start_with(1);
    auto client = connect();
    EXPECT_FALSE(waiting_.contains(create(client, "large", "maxmem = 128\n")));
    EXPECT_FALSE(waiting_.contains(create(client, "two", "vcpus = 2\n")));
    const std::string long_line(5000, 'x'); // beyond the page of start_info
    EXPECT_TRUE(create(client, "long", "extra = \"" + long_line + "\"\n").value() > 0);
    EXPECT_EQ(status(client, "long").at("paused"), false);
    EXPECT_EQ(figure("pvhd_pool_hits_total"), 1U); // it was taken, and built anew
}

TEST_F(PoolTest, OneThatIsTakenGetsTheUuidThatIsAskedFor) {
    start_with(1);
    const DomId id = *waiting_.begin();
    const std::string former = node(device::domain_path(id) + "/vm");
    const std::string uuid = "11111111-2222-3333-4444-555555555555";
    auto client = connect();
    EXPECT_EQ(create(client, "web", "uuid = \"" + uuid + "\"\n"), id);
    EXPECT_EQ(to_string(fake::FakeHypervisor{xen_}.domain_info(id).value().handle), uuid);
    EXPECT_EQ(node(device::domain_path(id) + "/vm"), "/vm/" + uuid);
    EXPECT_EQ(node("/vm/" + uuid + "/uuid"), uuid);
    EXPECT_EQ(node("/vm/" + uuid + "/name"), "web");
    EXPECT_NE(node("/vm/" + uuid + "/start_time"), "(none)");
    EXPECT_EQ(node(former), "(none)");
    EXPECT_EQ(status(client, "web").at("uuid"), uuid);
    EXPECT_TRUE(eventually([&] { return ready() == 1 && state_files() == 2; }));
    EXPECT_EQ(client.call("domain.list").at("result").at("domains").size(), 2U);
    EXPECT_TRUE(client.call("domain.destroy", {{"name", "web"}}).contains("result"));
    EXPECT_EQ(node("/vm/" + uuid), "(none)");
    EXPECT_EQ(state_files(), 1U);
}

TEST_F(PoolTest, OneThatCannotGetItsUuidLeavesNothing) {
    start_with(1);
    const std::string uuid = "11111111-2222-3333-4444-555555555555";
    auto client = connect();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.broken_calls.insert("store.write /vm/" + uuid + "/uuid");
    }
    const auto reply =
        client.call("domain.create", create_params("web", "uuid = \"" + uuid + "\"\n"));
    EXPECT_TRUE(reply.contains("error")) << reply.dump();
    EXPECT_TRUE(eventually([&] { return ready() == 1; }));
    EXPECT_EQ(node("/vm/" + uuid), "(none)");
    EXPECT_EQ(state_files(), 1U);
    EXPECT_EQ(client.call("domain.list").at("result").at("domains").size(), 1U);
}

TEST_F(PoolTest, NoneIsBuiltAheadWhileSomebodyWaits) {
    start_with(1);
    gate_.close();
    auto waiting = connect();
    waiting.request(1, "domain.create", create_params("large", "maxmem = 128\n"));
    ASSERT_TRUE(gate_.wait_for(1));
    auto client = connect();
    EXPECT_TRUE(waiting_.contains(create(client, "web"))); // now there is room for another
    EXPECT_FALSE(gate_.wait_for(2, std::chrono::milliseconds{300}));
    gate_.open();
    EXPECT_TRUE(eventually([&] { return ready() == 1; }));
}

TEST_F(PoolTest, AFailureTakesNoneOrLeavesNothingOfIt) {
    start_with(1);
    auto client = connect();
    create(client, "web");
    ASSERT_TRUE(eventually([&] { return ready() == 1; }));
    const auto taken = client.call("domain.create", create_params("web"));
    EXPECT_EQ(error_code(taken), "already_exists");
    EXPECT_EQ(ready(), 1U);
    EXPECT_EQ(figure("pvhd_pool_hits_total"), 1U);
    const auto failed =
        client.call("domain.create", create_params("other", "vif = [ 'bridge=missing' ]\n"));
    EXPECT_TRUE(failed.contains("error")) << failed.dump();
    EXPECT_TRUE(eventually([&] { return ready() == 1 && guests() == 2; }));
    EXPECT_EQ(state_files(), 2U);
}

TEST_F(PoolTest, WhatCannotBePlannedAnyMoreLeavesNothingOfIt) {
    start_with(1);
    std::filesystem::rename(kernel_, kernel_ + ".away");
    auto client = connect();
    EXPECT_EQ(error_code(client.call("domain.create", create_params("web"))), "not_found");
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(PoolTest, OneThatSomebodyHasStartedIsGivenToNobody) {
    start_with(1);
    const DomId id = *waiting_.begin();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.at(id).pause_count = 0;
        xen_.domains.at(id).has_run = true;
    }
    auto client = connect();
    EXPECT_NE(create(client, "web"), id); // no watch has fired
    EXPECT_FALSE(ids().contains(id));
    EXPECT_TRUE(eventually([&] { return ready() == 1; }));
    const DomId next = *ids().rbegin();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.domains.at(next).pause_count = 0;
        xen_.domains.at(next).has_run = true;
    }
    board_->fire("@introduceDomain");
    EXPECT_TRUE(eventually([&] { return ready() == 1 && !ids().contains(next); }));
}

TEST_F(PoolTest, SomebodyElseMayEndOne) {
    start_with(1);
    const DomId id = *waiting_.begin();
    {
        const std::lock_guard lock{xen_.mutex};
        fake::FakeHypervisor{xen_}.destroy_domain(id);
    }
    board_->fire("@releaseDomain");
    EXPECT_TRUE(eventually([&] { return ready() == 1 && !ids().contains(id); }));
    EXPECT_EQ(node(device::domain_path(id) + "/name"), "(none)");
    EXPECT_TRUE(eventually([&] { return state_files() == 1; }));
}

TEST_F(PoolTest, ItKeepsToItsMemory) {
    start_with(10, 200);
    EXPECT_EQ(waiting_.size(), 3U);
}

TEST_F(PoolTest, MemoryThatACreateLacksIsGivenBack) {
    start_with(4);
    auto client = connect();
    {
        const std::lock_guard lock{xen_.mutex};
        xen_.free_pages = 32 * 256;
    }
    const auto reply = client.call("domain.create", create_params("large", "maxmem = 128\n"
                                                                           "memory = 128\n"));
    EXPECT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(ready(), 0U);
}

TEST_F(PoolTest, AStopGivesAllBack) {
    start_with(2);
    EXPECT_TRUE(stop());
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

TEST_F(PoolTest, AStopTakesTheOneInTheMakingWithIt) {
    order(2);
    gate_.close();
    start();
    ASSERT_TRUE(gate_.wait_for(1));
    daemon_->stop();
    gate_.open();
    EXPECT_TRUE(join());
    EXPECT_EQ(guests(), 0U);
    EXPECT_EQ(state_files(), 0U);
}

} // namespace
} // namespace pvh::test
