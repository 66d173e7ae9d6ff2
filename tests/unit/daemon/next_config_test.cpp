// SPDX-License-Identifier: LGPL-2.1-or-later
// domain.set_config: what a domain is built of when it starts anew.
#include "tests/unit/daemon/running_daemon.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

class NextConfigTest : public DaemonTest {
  protected:
    json set_config(RawClient& client, const std::string& more, const std::string& name = "web") {
        return client.call("domain.set_config",
                           {{"name", name}, {"config", config("web", more)}, {"directory", "/"}});
    }

    /// Until another life of it runs.
    json after_reboot(RawClient& client, DomId id, const std::string& name = "web") {
        guest_ends(id, kReboot);
        json now;
        EXPECT_TRUE(eventually([&] {
            now = status(client, name);
            return now.contains("domid") && now.at("domid") != id.value() &&
                   now.at("operation") == "";
        }));
        return now;
    }

    json spec_of(RawClient& client, const std::string& name = "web") {
        return client.call("domain.get", {{"name", name}}).at("result").at("spec");
    }
};

TEST_F(NextConfigTest, AppliesWhenTheDomainReboots) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    const json uuid = status(client, "web").at("uuid");
    const json before = spec_of(client);
    const json reply = set_config(client, "vcpus = 1\nmaxvcpus = 3\n");
    ASSERT_TRUE(reply.contains("result")) << reply.dump();
    EXPECT_EQ(spec_of(client), before);
    const json got = client.call("domain.get", {{"name", "web"}}).at("result");
    EXPECT_EQ(got.at("next_spec").at("maxvcpus"), 3);
    const json now = after_reboot(client, id);
    EXPECT_EQ(now.at("uuid"), uuid);
    EXPECT_EQ(spec_of(client).at("maxvcpus"), 3);
    EXPECT_FALSE(client.call("domain.get", {{"name", "web"}}).at("result").contains("next_spec"));
    EXPECT_EQ(state_files(), 1U);
}

TEST_F(NextConfigTest, LastsOverTheEndOfPvhdAndARename) {
    start();
    auto client = connect();
    const DomId id = create(client, "web");
    set_config(client, "maxvcpus = 3\n");
    client.call("domain.rename", {{"name", "web"}, {"new_name", "www"}});
    stop();
    start();
    auto again = connect();
    after_reboot(again, id, "www");
    EXPECT_EQ(spec_of(again, "www").at("maxvcpus"), 3);
    EXPECT_EQ(spec_of(again, "www").at("name"), "www");
}

TEST_F(NextConfigTest, KeepsTheNameAndSaysSo) {
    start();
    auto client = connect();
    create(client, "web");
    const json reply = set_config(client, "name = 'other'\n");
    EXPECT_THAT(reply.at("result").at("warnings").dump(), HasSubstr("keeps its name"));
}

TEST_F(NextConfigTest, WhatNoCreateWouldTakeIsRefusedNow) {
    start();
    auto client = connect();
    create(client, "web");
    EXPECT_EQ(error_code(set_config(client, "vcpus = 'x'\n")), "invalid_config");
    EXPECT_EQ(error_code(set_config(client, "kernel = '/nosuch'\n")), "not_found");
    EXPECT_EQ(error_code(set_config(client, "", "nosuch")), "not_found");
    EXPECT_EQ(error_code(client.call("domain.set_config", {{"domid", 0}, {"config", ""}})),
              "unsupported");
    EXPECT_FALSE(client.call("domain.get", {{"name", "web"}}).at("result").contains("next_spec"));
}

TEST_F(NextConfigTest, IsForgottenWithTheDomain) {
    start();
    auto client = connect();
    create(client, "web");
    set_config(client, "maxvcpus = 3\n");
    client.call("domain.destroy", {{"name", "web"}});
    EXPECT_EQ(state_files(), 0U);
    for (const auto& entry : std::filesystem::directory_iterator{options_.state_dir})
        EXPECT_NE(entry.path().extension(), ".next");
}

} // namespace
} // namespace pvh::test
