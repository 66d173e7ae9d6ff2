// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/name_watch.h"

#include <gtest/gtest.h>

namespace pvh::daemon {
namespace {

TEST(NameWatch, TellsWhoseNameItIs) {
    const auto uuid = parse_uuid("0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52");
    EXPECT_EQ(named_at("/vm/0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52/name"), uuid);
    for (const char* other : {"", "/vm", "/vm/", "/vm/name", "/vm//name", "/vm/0b4dde04/name",
                              "/vm/0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52", "/local/domain/5/name",
                              "/vm/0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52/x/name",
                              "/vm/0b4dde04-9e7c-4d5a-a0a7-3c1e5dcd0a52/start_time"})
        EXPECT_EQ(named_at(other), std::nullopt) << other;
}

} // namespace
} // namespace pvh::daemon
