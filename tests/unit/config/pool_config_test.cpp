// SPDX-License-Identifier: LGPL-2.1-or-later
#include "config/pool_config.h"
#include "libdomain/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PoolConfig read(const std::string& text, const std::vector<std::string>& overrides = {}) {
    return read_pool_config({.name = "pool.cfg", .text = text}, overrides);
}

TEST(PoolConfig, HasNameSchedulerAndCpus) {
    const PoolConfig config = read("name = \"blue\"\nsched = \"credit\"\ncpus = [\"2\", \"3\"]\n");
    EXPECT_EQ(config.name, "blue");
    EXPECT_EQ(config.scheduler, "credit");
    EXPECT_EQ(config.cpus, "2,3");
    EXPECT_TRUE(config.nodes.empty());
    EXPECT_TRUE(config.warnings.empty());
}

TEST(PoolConfig, TakesRangesNodesAndOverrides) {
    EXPECT_EQ(read("cpus=\"0-3,^1\"").cpus, "0-3,^1");
    EXPECT_THAT(read("nodes = [\"0\", 1]").nodes, ElementsAre(0U, 1U));
    EXPECT_EQ(read("name='a'", {"name=b", "cpus=0-1"}).name, "b");
    const PoolConfig empty = read("");
    EXPECT_FALSE(empty.name || empty.scheduler || empty.cpus);
}

TEST(PoolConfig, ComplainsWithThePlace) {
    try {
        read("name = [\"a\"]\nnodes = [\"x\"]\n");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::invalid_config);
        EXPECT_THAT(e.what(), HasSubstr("pool.cfg:1:8: error: name takes one text"));
        EXPECT_THAT(e.what(), HasSubstr("pool.cfg:2:10: error: \"x\" is no node"));
    }
    EXPECT_THROW(read("nodes = 0"), Error);
    EXPECT_THROW(read("cpus = [[\"0\"]]"), Error);
    EXPECT_THROW(read("name = "), Error);
    EXPECT_THAT(read("shced='credit'").warnings,
                ElementsAre(HasSubstr("pool.cfg:1:1: warning: unknown option \"shced\"")));
}

} // namespace
} // namespace pvh::config
