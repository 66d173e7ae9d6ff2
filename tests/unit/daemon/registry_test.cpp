// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/registry.h"
#include "libdomain/core/error.h"

#include <optional>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace pvh::daemon {
namespace {

Uuid uuid_of(std::uint8_t n) {
    Uuid uuid;
    uuid.bytes[15] = n;
    return uuid;
}

Record record_of(std::uint16_t domid, std::uint8_t uuid, const std::string& name,
                 bool is_managed = true) {
    Record record{.domain = {DomId{domid}, uuid_of(uuid)}, .name = name, .spec = std::nullopt};
    if (is_managed) {
        record.spec.emplace();
        record.spec->name = name;
    }
    return record;
}

xen::DomainInfo ended(std::uint16_t domid, std::uint8_t uuid) {
    xen::DomainInfo info{};
    info.id = DomId{domid};
    info.handle = uuid_of(uuid);
    info.is_shutdown = true;
    return info;
}

template <class F> Errc code_of(F&& act) {
    try {
        act();
    } catch (const Error& e) {
        return e.code();
    }
    ADD_FAILURE() << "nothing was thrown";
    return Errc::internal;
}

TEST(Registry, OneOperationADomainAndTheErrorSaysWhose) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    const OperationToken token = registry.begin(uuid_of(1), Op::destroy, "pid 7");
    try {
        [[maybe_unused]] const auto second = registry.begin(uuid_of(1), Op::pause, "pid 8");
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::busy);
        EXPECT_STREQ(e.what(), "destroy of domain \"web\" is under way for pid 7");
    }
}

TEST(Registry, ATokenGivesTheRightBackOnceHoweverItIsMoved) {
    Registry registry;
    {
        OperationToken token = registry.begin(uuid_of(1), Op::destroy, "a");
        const OperationToken moved = std::move(token);
        EXPECT_NE(registry.operation_on(uuid_of(1)), nullptr);
    }
    EXPECT_EQ(registry.operation_on(uuid_of(1)), nullptr);
    EXPECT_NO_THROW(static_cast<void>(registry.begin(uuid_of(1), Op::destroy, "b")));
}

TEST(Registry, AReservedNameAndUuidAreTaken) {
    Registry registry;
    const OperationToken token = registry.reserve(uuid_of(1), "web", Op::create, "a");
    EXPECT_EQ(
        code_of([&] { static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")); }),
        Errc::already_exists);
    EXPECT_EQ(
        code_of([&] { static_cast<void>(registry.reserve(uuid_of(1), "db", Op::create, "b")); }),
        Errc::already_exists);
    EXPECT_NO_THROW(static_cast<void>(registry.reserve(uuid_of(2), "db", Op::create, "b")));
}

TEST(Registry, AFailedReservationTakesNothing) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    EXPECT_EQ(
        code_of([&] { static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")); }),
        Errc::already_exists);
    EXPECT_EQ(registry.operation_on(uuid_of(2)), nullptr);
}

TEST(Registry, AReservationEndsWithItsToken) {
    Registry registry;
    { const OperationToken token = registry.reserve(uuid_of(1), "web", Op::create, "a"); }
    EXPECT_FALSE(registry.reserved("web").has_value());
    EXPECT_NO_THROW(static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")));
}

TEST(Registry, ARestartKeepsItsNameWhileTheDomainIsGone) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    const OperationToken token = registry.begin(uuid_of(1), Op::restart, "policy");
    registry.remove(DomId{1});
    EXPECT_EQ(
        code_of([&] { static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")); }),
        Errc::already_exists);
}

TEST(Registry, ForeignNamesAreTakenToo) {
    Registry registry;
    registry.add(record_of(1, 1, "web", false));
    EXPECT_EQ(
        code_of([&] { static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")); }),
        Errc::already_exists);
    registry.rename(DomId{1}, "db");
    EXPECT_NO_THROW(static_cast<void>(registry.reserve(uuid_of(2), "web", Op::create, "b")));
}

TEST(Registry, ADyingDomainHoldsNeitherNameNorUuid) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    auto info = ended(1, 1);
    info.is_dying = true;
    registry.update(info);
    EXPECT_EQ(registry.find(uuid_of(1)), nullptr);
    EXPECT_NE(registry.find(DomId{1}), nullptr);
    EXPECT_NO_THROW(static_cast<void>(registry.reserve(uuid_of(1), "web", Op::create, "b")));
}

TEST(Registry, FindsAllDomainsOfAName) {
    Registry registry;
    registry.add(record_of(1, 1, "web", false));
    registry.add(record_of(2, 2, "web", false));
    EXPECT_EQ(registry.find(std::string_view{"web"}).size(), 2U);
    registry.remove(DomId{1});
    ASSERT_EQ(registry.find(std::string_view{"web"}).size(), 1U);
    EXPECT_EQ(registry.find(std::string_view{"web"})[0]->domain.id, DomId{2});
}

TEST(Registry, ANewNameGoesIntoTheSpecUnlessNoConfigCouldHaveIt) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    registry.rename(DomId{1}, "db");
    EXPECT_EQ(registry.find(DomId{1})->spec->name, "db");
    registry.rename(DomId{1}, "a/b");
    EXPECT_EQ(registry.find(DomId{1})->name, "a/b");
    EXPECT_EQ(registry.find(DomId{1})->spec->name, "db");
}

TEST(Registry, EndingsAreDueForManagedDomainsOnly) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    registry.add(record_of(2, 2, "theirs", false));
    registry.update(ended(1, 1));
    registry.update(ended(2, 2));
    ASSERT_EQ(registry.due_endings().size(), 1U);
    EXPECT_EQ(registry.due_endings()[0].id, DomId{1});
}

TEST(Registry, AnEndingIsDueOnceAndNotWhileSomebodyWorksOnIt) {
    Registry registry;
    registry.add(record_of(1, 1, "web"));
    {
        const OperationToken token = registry.begin(uuid_of(1), Op::shutdown, "a");
        registry.update(ended(1, 1));
        EXPECT_TRUE(registry.due_endings().empty());
    }
    EXPECT_EQ(registry.due_endings().size(), 1U);
    registry.mark_end_handled(DomId{1});
    registry.update(ended(1, 1));
    EXPECT_TRUE(registry.due_endings().empty());
}

TEST(Registry, RemembersHowTheLastOnesEnded) {
    Registry registry;
    for (std::uint16_t i = 1; i <= 300; ++i) {
        registry.add(record_of(i, 1, "web"));
        auto info = ended(i, 1);
        info.shutdown_reason = static_cast<std::uint8_t>(i % 2);
        registry.update(info);
        registry.remove(DomId{i});
    }
    const auto is = [](std::uint16_t domid) {
        return [domid](const Ended& e) { return e.domain.id == DomId{domid}; };
    };
    ASSERT_NE(registry.find_ended(is(300)), nullptr);
    EXPECT_EQ(registry.find_ended(is(300))->shutdown_reason, "poweroff");
    EXPECT_EQ(registry.find_ended(is(299))->shutdown_reason, "reboot");
    EXPECT_EQ(registry.find_ended(is(1)), nullptr); // bounded
}

TEST(Registry, TellsOfEachChange) {
    Registry registry;
    int changes = 0;
    registry.on_change([&](std::optional<DomId>) { ++changes; });
    registry.add(record_of(1, 1, "web"));
    const int after_add = changes;
    EXPECT_GT(after_add, 0);
    { const OperationToken token = registry.begin(uuid_of(1), Op::pause, "a"); }
    EXPECT_GE(changes, after_add + 2);
}

} // namespace
} // namespace pvh::daemon
