// SPDX-License-Identifier: LGPL-2.1-or-later
// dom0 gives memory to what is created.
#include "libdomain/autoballoon.h"
#include "libdomain/core/error.h"
#include "tests/unit/daemon/running_daemon.h"

#include <algorithm>
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using ::testing::HasSubstr;

constexpr std::uint64_t kPagesPerMib = 256;
constexpr std::uint64_t kDom0Mib = 1024;

class AutoballoonTest : public DaemonTest {
  protected:
    AutoballoonTest() {
        options_.autoballoon = Autoballoon::on;
        fake::FakeDomain& dom0 = xen_.domain(kDom0);
        dom0.max_memory_kib = kDom0Mib * 1024;
        dom0.pages = kDom0Mib * kPagesPerMib;
        dom0.has_run = true;
        fake::FakeStore store{xen_};
        store.write("/local/domain/0/memory/target", std::to_string(kDom0Mib * 1024));
        store.write("/local/domain/0/memory/static-max", std::to_string(kDom0Mib * 1024));
        xen_.free_pages = kPagesPerMib;
    }

    /// As its balloon driver does: what its target leaves it not goes back.
    void let_dom0_obey() {
        xen_.before_call = [this] {
            fake::FakeDomain& dom0 = xen_.domains.at(kDom0);
            const std::string& target = xen_.nodes.at("/local/domain/0/memory/target").value;
            const std::uint64_t most = std::min<std::uint64_t>(dom0.pages, std::stoull(target) / 4);
            xen_.free_pages += dom0.pages - most;
            dom0.pages = most;
        };
    }

    std::uint64_t target_mib() {
        const std::lock_guard lock{xen_.mutex};
        const auto node = fake::FakeStore{xen_}.read("/local/domain/0/memory/target");
        return std::stoull(node.value_or("0")) / 1024;
    }

    /// Of a create that must fail.
    std::string complaint() {
        const auto reply = connect().call("domain.create", create_params("web"));
        EXPECT_EQ(error_code(reply), "no_memory");
        return reply.dump();
    }
};

TEST_F(AutoballoonTest, Dom0GivesWhatIsLacking) {
    let_dom0_obey();
    start();
    auto client = connect();
    create(client, "web"); // of 64 MiB
    EXPECT_EQ(guests(), 1U);
    EXPECT_LT(target_mib(), kDom0Mib - 60);
    EXPECT_GT(target_mib(), kDom0Mib - 100);
    create(client, "db");
    EXPECT_LT(target_mib(), kDom0Mib - 120);
}

TEST_F(AutoballoonTest, NothingIsAskedOfItWhereThereIsEnough) {
    let_dom0_obey();
    xen_.free_pages = 1 << 20;
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_EQ(target_mib(), kDom0Mib);
}

TEST_F(AutoballoonTest, ItKeepsWhatTheSettingsSay) {
    let_dom0_obey();
    options_.dom0_min_mib = kDom0Mib - 10;
    start();
    EXPECT_THAT(complaint(), HasSubstr("1 are free, and dom0, which has 1024, keeps 1014"));
    EXPECT_EQ(target_mib(), kDom0Mib);
    EXPECT_EQ(guests(), 0U);
}

TEST_F(AutoballoonTest, ItIsLeftAloneIfThatIsTheSetting) {
    let_dom0_obey();
    options_.autoballoon = Autoballoon::off;
    start();
    complaint();
    EXPECT_EQ(target_mib(), kDom0Mib);
}

TEST_F(AutoballoonTest, OneThatDoesNotGiveKeepsItsTarget) {
    fake::FakeHypervisor hv{xen_};
    fake::FakeStore store{xen_};
    const Dom0Reserve reserve{.least_kib = 1024, .patience = std::chrono::milliseconds{150}};
    try {
        make_room(hv, store, PageCount{64 * kPagesPerMib}, reserve);
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::no_memory);
        EXPECT_THAT(e.what(), HasSubstr("dom0 does not give the rest"));
    }
    EXPECT_EQ(target_mib(), kDom0Mib);
}

TEST_F(AutoballoonTest, WhoHasNotReachedItsTargetGivesOfWhatItHas) {
    let_dom0_obey();
    fake::FakeStore{xen_}.write("/local/domain/0/memory/static-max", std::to_string(4096 * 1024));
    fake::FakeStore{xen_}.write("/local/domain/0/memory/target", std::to_string(4096 * 1024));
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_LT(target_mib(), kDom0Mib - 60);
    EXPECT_GT(target_mib(), kDom0Mib - 100);
}

TEST_F(AutoballoonTest, ATargetThatSomebodySetsMeanwhileStays) {
    xen_.before_call = [this] {
        auto& target = xen_.nodes.at("/local/domain/0/memory/target").value;
        if (std::stoull(target) < kDom0Mib * 1024) target = std::to_string(700 * 1024);
    };
    fake::FakeHypervisor hv{xen_};
    fake::FakeStore store{xen_};
    const Dom0Reserve reserve{.least_kib = 1024, .patience = std::chrono::milliseconds{150}};
    EXPECT_THROW(make_room(hv, store, PageCount{64 * kPagesPerMib}, reserve), Error);
    EXPECT_EQ(target_mib(), 700U);
}

TEST_F(AutoballoonTest, TimeIsUpHoweverSlowlyItGives) {
    xen_.before_call = [this] { ++xen_.free_pages; };
    fake::FakeHypervisor hv{xen_};
    fake::FakeStore store{xen_};
    const Dom0Reserve reserve{.least_kib = 1024,
                              .patience = std::chrono::milliseconds{150},
                              .limit = std::chrono::milliseconds{400}};
    EXPECT_THROW(make_room(hv, store, PageCount{64 * kPagesPerMib}, reserve), Error);
    EXPECT_EQ(target_mib(), kDom0Mib);
}

TEST_F(AutoballoonTest, SeveralAtOnceEachGetTheirs) {
    let_dom0_obey();
    start();
    std::vector<RawClient> clients; // one request each
    for (int i = 0; i < 5; ++i) {
        clients.push_back(connect());
        clients.back().request(1, "domain.create", create_params("web" + std::to_string(i)));
    }
    for (RawClient& client : clients) {
        const auto reply = client.reply().value();
        EXPECT_TRUE(reply.contains("result")) << reply.dump();
    }
    EXPECT_EQ(guests(), 5U);
    EXPECT_LT(target_mib(), kDom0Mib - 300);
    EXPECT_GT(target_mib(), kDom0Mib - 500);
}

TEST(Autoballoon, IsAutomaticWhereDom0HasNoSizeOfItsOwn) {
    const auto balloons = [](const char* line) {
        return balloons_dom0(Autoballoon::automatic, line);
    };
    EXPECT_TRUE(balloons(""));
    EXPECT_TRUE(balloons("loglvl=all console=com1"));
    EXPECT_TRUE(balloons("xdom0_mem=1G dom0_mem_x=2G"));
    EXPECT_FALSE(balloons("dom0_mem=1024M"));
    EXPECT_FALSE(balloons("loglvl=all dom0_mem=1024M,max:1024M noreboot"));
    EXPECT_FALSE(balloons("dom0_mem=min:512m"));
    EXPECT_TRUE(balloons_dom0(Autoballoon::on, "dom0_mem=1G"));
    EXPECT_FALSE(balloons_dom0(Autoballoon::off, ""));
}

} // namespace
} // namespace pvh::test
