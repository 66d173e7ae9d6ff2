// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/adopt.h"
#include "daemon/state_dir.h"
#include "daemon/state_file.h"
#include "libdomain/core/error.h"
#include "tests/support/temp_folder.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace pvh::daemon {
namespace {

namespace fs = std::filesystem;

const Uuid kUuid = parse_uuid("12345678-9abc-def0-1234-56789abcdef0").value();

StoredDomain stored(const Uuid& uuid = kUuid, Phase phase = Phase::complete) {
    StoredDomain domain{.phase = phase, .spec = {}, .domid = DomId{7}};
    domain.spec.name = "web";
    domain.spec.uuid = uuid;
    domain.spec.kernel = "/boot/vmlinuz";
    domain.spec.on_crash = EndAction::preserve;
    return domain;
}

class StateDirTest : public testing::Test {
  protected:
    void SetUp() override { fs::create_directory(path_); }

    void write(const std::string& name, const std::string& content) const {
        std::ofstream{path_ + "/" + name, std::ios::binary} << content;
    }

    /// Writes a file under the UUID's name that should not be believed.
    void expect_quarantined(const std::string& content) const {
        const std::string name = to_string(kUuid) + ".json";
        write(name, content);
        EXPECT_TRUE(states_.load().empty()) << content;
        EXPECT_FALSE(fs::exists(path_ + "/" + name)) << content;
        EXPECT_TRUE(fs::exists(path_ + "/quarantine/" + name)) << content;
        fs::remove_all(path_ + "/quarantine");
    }

    test::TempFolder folder_;
    std::string path_ = folder_ / "state";
    StateDir states_{path_};
};

TEST_F(StateDirTest, WhatWasSavedIsLoaded) {
    states_.save(stored());
    const auto loaded = states_.load();
    ASSERT_EQ(loaded.size(), 1U);
    EXPECT_EQ(loaded[0].spec, stored().spec);
    EXPECT_EQ(loaded[0].phase, Phase::complete);
    EXPECT_EQ(loaded[0].domid, DomId{7});
}

TEST_F(StateDirTest, SavingAgainReplaces) {
    auto domain = stored(kUuid, Phase::building);
    domain.domid.reset();
    states_.save(domain);
    EXPECT_EQ(states_.load().at(0).phase, Phase::building);
    states_.save(stored());
    ASSERT_EQ(states_.load().size(), 1U);
    EXPECT_EQ(states_.load()[0].phase, Phase::complete);
}

TEST_F(StateDirTest, EveryPhaseComesBack) {
    for (const Phase phase : {Phase::building, Phase::complete, Phase::restarting, Phase::ending,
                              Phase::replacing, Phase::setting_aside}) {
        states_.save(stored(kUuid, phase));
        EXPECT_EQ(states_.load().at(0).phase, phase);
    }
}

TEST_F(StateDirTest, WhatIsOfAnotherBootIsForgotten) {
    StateDir{path_, "another boot"}.save(stored());
    EXPECT_TRUE(states_.load().empty());
    EXPECT_TRUE(fs::is_empty(path_));
}

TEST_F(StateDirTest, AConfigForTheNextLifeOfNobodyIsForgotten) {
    states_.save_next(stored().spec);
    EXPECT_TRUE(states_.load().empty());
    EXPECT_FALSE(states_.load_next(kUuid));
    states_.save(stored());
    states_.save_next(stored().spec);
    EXPECT_EQ(states_.load().size(), 1U);
    EXPECT_TRUE(states_.load_next(kUuid));
}

TEST_F(StateDirTest, OneIsFound) {
    EXPECT_FALSE(states_.find(kUuid));
    states_.save(stored());
    EXPECT_EQ(states_.find(kUuid).value().spec, stored().spec);
    write(to_string(kUuid) + ".json", "{}");
    EXPECT_FALSE(states_.find(kUuid));
}

TEST_F(StateDirTest, RemovedIsGoneAndRemovingNothingIsFine) {
    states_.save(stored());
    states_.remove(kUuid);
    states_.remove(kUuid);
    EXPECT_TRUE(states_.load().empty());
}

TEST_F(StateDirTest, WhatCannotBeBelievedIsMovedAside) {
    const std::string good = format_state({host_boot_id(), stored()});
    expect_quarantined("");
    expect_quarantined("garbage");
    expect_quarantined(good.substr(0, good.size() / 2)); // truncated
    expect_quarantined("[]");
    expect_quarantined("{}");
    expect_quarantined(std::string(100'000, '['));
    expect_quarantined(std::string(std::size_t{2} * 1024 * 1024, ' ') + good);
}

TEST_F(StateDirTest, OtherSchemasAndForeignMembersAreMovedAside) {
    auto json = nlohmann::json::parse(format_state({host_boot_id(), stored()}));
    for (const auto& schema : {nlohmann::json(1), nlohmann::json(3), nlohmann::json("2")}) {
        json["schema"] = schema;
        expect_quarantined(json.dump());
    }
    json["schema"] = 2;
    json["spec"]["of_the_future"] = true;
    expect_quarantined(json.dump());
}

TEST_F(StateDirTest, ASpecThatBreaksTheRulesIsMovedAside) {
    auto domain = stored();
    domain.spec.vcpus = 4000;
    expect_quarantined(format_state({host_boot_id(), domain}));
    domain = stored();
    domain.spec.name = "a/b";
    expect_quarantined(format_state({host_boot_id(), domain}));
}

TEST_F(StateDirTest, AFileAboutAnotherUuidIsMovedAside) {
    expect_quarantined(format_state({host_boot_id(), stored(Uuid{})}));
}

TEST_F(StateDirTest, ASymlinkIsMovedAsideItselfAndNotFollowed) {
    const std::string target = folder_ / "elsewhere";
    std::ofstream{target} << format_state({host_boot_id(), stored()});
    const std::string name = to_string(kUuid) + ".json";
    fs::create_symlink(target, path_ + "/" + name);
    EXPECT_TRUE(states_.load().empty());
    EXPECT_TRUE(fs::exists(target));
    EXPECT_TRUE(fs::is_symlink(path_ + "/quarantine/" + name));
}

TEST_F(StateDirTest, AFileOfAnotherOwnerIsMovedAside) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    states_.save(stored());
    const std::string file = path_ + "/" + to_string(kUuid) + ".json";
    ASSERT_EQ(::chown(file.c_str(), 12345, 12345), 0);
    EXPECT_TRUE(states_.load().empty());
    EXPECT_FALSE(fs::exists(file));
}

TEST_F(StateDirTest, QuarantineKeepsEarlierFinds) {
    const std::string name = to_string(kUuid) + ".json";
    for (int i = 0; i < 3; ++i) {
        write(name, "garbage");
        EXPECT_TRUE(states_.load().empty());
    }
    EXPECT_TRUE(fs::exists(path_ + "/quarantine/" + name + ".2"));
}

TEST_F(StateDirTest, ANameThatIsNoUuidIsMovedAsideAndOtherFilesAreLeft) {
    write("notes.json", format_state({host_boot_id(), stored()}));
    write("README", "mine");
    EXPECT_TRUE(states_.load().empty());
    EXPECT_TRUE(fs::exists(path_ + "/quarantine/notes.json"));
    EXPECT_TRUE(fs::exists(path_ + "/README"));
}

TEST_F(StateDirTest, HalfWrittenFilesAreSweptUp) {
    write(to_string(kUuid) + ".json.new", "half");
    EXPECT_TRUE(states_.load().empty());
    EXPECT_FALSE(fs::exists(path_ + "/" + to_string(kUuid) + ".json.new"));
}

TEST_F(StateDirTest, IsOneDaemonsAtATime) {
    const UniqueFd first = states_.claim();
    try {
        const UniqueFd second = states_.claim();
        FAIL();
    } catch (const Error& e) {
        EXPECT_EQ(e.code(), Errc::busy);
    }
}

TEST_F(StateDirTest, ADiskThatTakesNothingIsAnError) {
    EXPECT_THROW(StateDir{folder_ / "absent"}.save(stored()), Error);
}

xen::DomainInfo info(std::uint16_t domid, const Uuid& uuid, bool is_dying = false) {
    xen::DomainInfo info{};
    info.id = DomId{domid};
    info.handle = uuid;
    info.is_dying = is_dying;
    return info;
}

TEST(SortOut, GoesByUuidNotByDomid) {
    const std::vector present{info(3, kUuid), info(7, random_uuid())};
    const std::vector files{stored()}; // says domid 7
    const Inheritance found = sort_out(present, files);
    ASSERT_EQ(found.adopted.size(), 1U);
    EXPECT_EQ(found.adopted[0].info.id, DomId{3});
    EXPECT_TRUE(found.stale.empty());
}

TEST(SortOut, ADomainThatIsGoneOrDyingLeavesAStaleFile) {
    const std::vector files{stored()};
    EXPECT_EQ(sort_out({}, files).stale.size(), 1U);
    const std::vector dying{info(7, kUuid, true)};
    EXPECT_EQ(sort_out(dying, files).stale.size(), 1U);
}

xen::DomainInfo half_built(std::uint16_t domid) {
    xen::DomainInfo torso = info(domid, kUuid);
    torso.is_paused = true;
    return torso;
}

TEST(SortOut, AHalfBuiltDomainIsATorso) {
    const std::vector files{stored(kUuid, Phase::building)};
    const std::vector present{half_built(9)};
    const Inheritance found = sort_out(present, files);
    ASSERT_EQ(found.torsos.size(), 1U);
    EXPECT_EQ(found.torsos[0].domain.id, DomId{9});
    EXPECT_TRUE(found.adopted.empty());
    EXPECT_EQ(sort_out({}, files).stale.size(), 1U);
}

TEST(SortOut, ARestartIsGoneOnWithWhetherThereIsADomainOrNot) {
    const std::vector files{stored(kUuid, Phase::restarting)};
    for (const auto& present : {info(7, kUuid), half_built(9)}) { // its old life, or its next one
        const std::vector one{present};
        EXPECT_EQ(sort_out(one, files).torsos.size(), 1U);
        EXPECT_EQ(sort_out(one, files).restarting.size(), 1U);
    }
    EXPECT_EQ(sort_out({}, files).restarting.size(), 1U);
    EXPECT_TRUE(sort_out({}, files).stale.empty());
}

TEST(SortOut, AReplacementBeginsAnewOrIsGoneOnWithByWhoHasTheUuid) {
    const std::vector files{stored(kUuid, Phase::replacing)};
    const std::vector old{info(7, kUuid)}; // has ended, and is what it was
    EXPECT_EQ(sort_out(old, files).adopted.size(), 1U);
    EXPECT_TRUE(sort_out(old, files).restarting.empty());
    EXPECT_EQ(sort_out({}, files).restarting.size(), 1U);
    const std::vector next{half_built(7)}; // what was kept is gone, and its number reused
    EXPECT_EQ(sort_out(next, files).torsos.size(), 1U);
    EXPECT_EQ(sort_out(next, files).restarting.size(), 1U);
    std::vector ended_early{half_built(7)}; // by others, before it was let go
    ended_early[0].is_shutdown = true;
    EXPECT_EQ(sort_out(ended_early, files).adopted.size(), 1U);
    const std::vector others{info(9, kUuid)};
    EXPECT_EQ(sort_out(others, files).stale.size(), 1U);
}

TEST(SortOut, WhatIsSetAsideIsOursOnceItHasItsUuid) {
    const std::vector files{stored(kUuid, Phase::setting_aside)};
    const std::vector present{info(7, kUuid)};
    ASSERT_EQ(sort_out(present, files).adopted.size(), 1U);
    EXPECT_EQ(sort_out(present, files).adopted[0].stored.phase, Phase::setting_aside);
    EXPECT_EQ(sort_out({}, files).stale.size(), 1U);
}

TEST(SortOut, AnEndThatHasBegunIsGoneOnWith) {
    const std::vector files{stored(kUuid, Phase::ending)};
    const std::vector present{info(7, kUuid)};
    EXPECT_EQ(sort_out(present, files).torsos.size(), 1U);
    EXPECT_EQ(sort_out({}, files).stale.size(), 1U);
}

TEST(SortOut, ADomainThatOthersMadeSinceIsNoTorso) {
    const std::vector present{info(9, kUuid)};
    for (const Phase phase : {Phase::building, Phase::restarting, Phase::ending}) {
        const std::vector files{stored(kUuid, phase)};
        const Inheritance found = sort_out(present, files);
        EXPECT_TRUE(found.torsos.empty());
        EXPECT_TRUE(found.restarting.empty());
        EXPECT_EQ(found.stale.size(), 1U);
    }
}

} // namespace
} // namespace pvh::daemon
