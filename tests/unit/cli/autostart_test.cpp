// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_status.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/cli/fake_daemon.h"

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using pvh::test::TempFolder;
using ::testing::HasSubstr;

/// A folder of configs and a daemon that knows what becomes of each.
class AutostartTest : public ::testing::Test {
  protected:
    AutostartTest() {
        daemon_.on("domain.create", [](const nlohmann::json& params) -> nlohmann::json {
            const std::string config = params.at("config");
            if (config == "bad") throw Error{Errc::invalid_config, "f.cfg:1:1: error: no"};
            if (config == "there") throw Error{Errc::already_exists, "there is a domain \"x\""};
            rpc::CreateResult result;
            result.domain = running_domain(config, 5).domain;
            return result;
        });
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream{folder_ / name} << text;
    }

    Outcome autostart(std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"autostart", folder_ / ""});
        return run(daemon_, more);
    }

    TempFolder folder_;
    FakeDaemon daemon_;
};

TEST_F(AutostartTest, StartsWhatIsNamedCfgInTheOrderOfNames) {
    write("b.cfg", "second");
    write("a.cfg", "first");
    write("c.cfg.off", "never");
    const Outcome outcome = autostart();
    EXPECT_EQ(outcome.status, 0);
    EXPECT_EQ(outcome.out, (folder_ / "a.cfg") + ": first is domain 5\n" + (folder_ / "b.cfg") +
                               ": second is domain 5\n");
    const std::string directory = daemon_.calls.at(0).second.at("directory");
    EXPECT_EQ(directory + "/a.cfg", folder_ / "a.cfg");
}

TEST_F(AutostartTest, AFailureIsToldAndDoesNotStopOthers) {
    write("a.cfg", "bad");
    write("b.cfg", "good");
    const Outcome outcome = autostart({"--delay", "0.01"});
    EXPECT_EQ(outcome.status, exit_status(Errc::invalid_config));
    EXPECT_THAT(outcome.err, HasSubstr("a.cfg"));
    EXPECT_THAT(outcome.out, HasSubstr("good is domain 5"));
}

TEST_F(AutostartTest, WhoIsThereIsLeftAlone) {
    write("a.cfg", "there");
    const Outcome outcome = autostart();
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.err, HasSubstr("there is a domain \"x\": left alone"));
}

TEST_F(AutostartTest, AnEmptyFolderIsFineAndNoneIsNot) {
    EXPECT_EQ(autostart().status, 0);
    EXPECT_EQ(run(daemon_, {"autostart", folder_ / "none"}).status, exit_status(Errc::not_found));
}

} // namespace
} // namespace pvh::cli::test
