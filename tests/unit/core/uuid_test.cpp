// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/uuid.h"

#include <string>
#include <unordered_set>

#include <gtest/gtest.h>

namespace pvh {

namespace {

constexpr const char* kText = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";

} // namespace

TEST(Uuid, TextGoesThereAndBack) {
    const auto uuid = parse_uuid(kText);
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->bytes.front(), 0x6b);
    EXPECT_EQ(uuid->bytes.back(), 0xc8);
    EXPECT_EQ(to_string(*uuid), kText);
}

TEST(Uuid, AcceptsUpperCaseAndWritesLowerCase) {
    EXPECT_EQ(to_string(parse_uuid("6BA7B810-9DAD-11D1-80B4-00C04FD430C8").value()), kText);
}

TEST(Uuid, RefusesEveryOtherShape) {
    EXPECT_FALSE(parse_uuid(""));
    EXPECT_FALSE(parse_uuid("6ba7b8109dad11d180b400c04fd430c8"));
    EXPECT_FALSE(parse_uuid("{6ba7b810-9dad-11d1-80b4-00c04fd430c8}"));
    EXPECT_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c"));
    EXPECT_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8 "));
    EXPECT_FALSE(parse_uuid("6ba7b8109-dad-11d1-80b4-00c04fd430c8"));
    EXPECT_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430cg"));
    EXPECT_FALSE(parse_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430\xc3\xa4"));
}

TEST(Uuid, RandomOnesAreVersion4AndDiffer) {
    std::unordered_set<Uuid> seen;
    for (int i = 0; i < 100; ++i) {
        const Uuid uuid = random_uuid();
        EXPECT_EQ(uuid.bytes[6] >> 4U, 4);
        EXPECT_EQ(uuid.bytes[8] >> 6U, 2);
        EXPECT_FALSE(uuid.is_nil());
        EXPECT_TRUE(seen.insert(uuid).second);
    }
}

TEST(Uuid, DefaultIsNil) {
    EXPECT_TRUE(Uuid{}.is_nil());
}

} // namespace pvh
