// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/reconcile.h"

#include <vector>

#include <gtest/gtest.h>

namespace pvh::daemon {
namespace {

Uuid uuid_of(std::uint8_t n) {
    Uuid uuid;
    uuid.bytes[0] = n;
    return uuid;
}

Known known(std::uint16_t domid, std::uint8_t uuid) {
    return {.domain = {DomId{domid}, uuid_of(uuid)}};
}

xen::DomainInfo info(std::uint16_t domid, std::uint8_t uuid) {
    xen::DomainInfo info{};
    info.id = DomId{domid};
    info.handle = uuid_of(uuid);
    return info;
}

std::vector<std::uint16_t> domids(const std::vector<Domain>& domains) {
    std::vector<std::uint16_t> ids;
    for (const auto& domain : domains)
        ids.push_back(domain.id.value());
    return ids;
}

std::vector<std::uint16_t> domids(const std::vector<xen::DomainInfo>& infos) {
    std::vector<std::uint16_t> ids;
    for (const auto& one : infos)
        ids.push_back(one.id.value());
    return ids;
}

using Ids = std::vector<std::uint16_t>;

TEST(Reconcile, TheSameIsNoChange) {
    EXPECT_TRUE(reconcile({}, {}).empty());
    const std::vector before{known(0, 0), known(3, 3)};
    const std::vector now{info(0, 0), info(3, 3)};
    EXPECT_TRUE(reconcile(before, now).empty());
}

TEST(Reconcile, FindsComersAndGoersAnywhere) {
    const std::vector before{known(1, 1), known(3, 3), known(7, 7)};
    const std::vector now{info(0, 0), info(3, 3), info(5, 5), info(9, 9)};
    const Changes changes = reconcile(before, now);
    EXPECT_EQ(domids(changes.gone), (Ids{1, 7}));
    EXPECT_EQ(domids(changes.appeared), (Ids{0, 5, 9}));
    EXPECT_TRUE(changes.changed.empty());
}

TEST(Reconcile, EverythingGoneAndEverythingNew) {
    const std::vector before{known(1, 1), known(2, 2)};
    EXPECT_EQ(domids(reconcile(before, {}).gone), (Ids{1, 2}));
    const std::vector now{info(1, 1), info(2, 2)};
    EXPECT_EQ(domids(reconcile({}, now).appeared), (Ids{1, 2}));
}

TEST(Reconcile, AReusedDomidIsAnotherDomain) {
    const std::vector before{known(1, 1)};
    const std::vector now{info(1, 2)};
    const Changes changes = reconcile(before, now);
    ASSERT_EQ(changes.gone.size(), 1U);
    EXPECT_EQ(changes.gone[0].uuid, uuid_of(1));
    ASSERT_EQ(changes.appeared.size(), 1U);
    EXPECT_EQ(changes.appeared[0].handle, uuid_of(2));
}

TEST(Reconcile, FlagsThatDifferAreChanges) {
    const std::vector before{known(1, 1), known(2, 2), known(3, 3), known(4, 4)};
    std::vector now{info(1, 1), info(2, 2), info(3, 3), info(4, 4)};
    now[0].is_shutdown = true;
    now[1].is_dying = true;
    now[2].is_paused = true;
    now[3].is_running = now[3].is_blocked = true; // come and go: nobody waits for them
    EXPECT_EQ(domids(reconcile(before, now).changed), (Ids{1, 2, 3}));
}

} // namespace
} // namespace pvh::daemon
