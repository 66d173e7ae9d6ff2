// SPDX-License-Identifier: LGPL-2.1-or-later
// The completion as bash itself carries it out.
#include "tests/unit/cli/fake_daemon.h"

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace pvh::cli::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// What bash offers for these words, the last of which is being typed; a candidate a line.
/// `before`: more for bash to run first.
std::string offered(const std::string& words, const std::string& before = "") {
    FakeDaemon daemon;
    const std::string path =
        ::testing::TempDir() + "pvhctl_completion_" + std::to_string(::getpid());
    std::ofstream{path} << run(daemon, {"completion"}).out;
    const std::string command = "bash -c 'set -eu; . " + path + "; " + before + "COMP_WORDS=(" +
                                words +
                                "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _pvhctl;"
                                " printf \"%s\\n\" \"${COMPREPLY[@]}\"' 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> bash{::popen(command.c_str(), "r"), ::pclose};
    std::string said;
    std::array<char, 256> chunk{};
    while (std::fgets(chunk.data(), chunk.size(), bash.get()) != nullptr)
        said += chunk.data();
    ::unlink(path.c_str());
    return said;
}

TEST(Completion, OffersCommandsAndTheirOptions) {
    EXPECT_EQ(offered("pvhctl des"), "destroy\n");
    EXPECT_EQ(offered("pvhctl --json ch"), "check\nchannel-list\n");
    EXPECT_EQ(offered("pvhctl create --dry"), "--dry-run\n--dryrun\n");
    EXPECT_THAT(offered("pvhctl check --"), HasSubstr("--strict\n"));
    EXPECT_THAT(offered("pvhctl check --"), HasSubstr("--json\n"));
    EXPECT_THAT(offered("pvhctl list --"), Not(HasSubstr("--strict")));
}

TEST(Completion, OffersOptionsOfConfigsAndTheirWords) {
    EXPECT_EQ(offered("pvhctl create a.cfg maxv"), "maxvcpus=\n");
    EXPECT_EQ(offered("pvhctl create a.cfg on_crash = pres"), "preserve\n");
    EXPECT_THAT(offered("pvhctl create a.cfg tsc_mode ="), HasSubstr("native\n"));
    EXPECT_THAT(offered("pvhctl destroy maxv"), Not(HasSubstr("maxvcpus")));
}

TEST(Completion, OffersGlobalOptionsBeforeACommand) {
    EXPECT_THAT(offered("pvhctl --"), HasSubstr("--socket\n"));
    EXPECT_THAT(offered("pvhctl --"), Not(HasSubstr("subscript")));
    EXPECT_THAT(offered("pvhctl \"\" des"), Not(HasSubstr("subscript")));
}

TEST(Completion, OffersDomainsButEvaluatesNoName) {
    const std::string list =
        "pvhctl() { printf \"%s\\n\" Name \"Domain-0 0\" \"web 7\" \"\\$(echo${IFS}evaluated) 8\" "
        "\"two words 9\"; }; ";
    EXPECT_EQ(offered("pvhctl destroy \"\"", list), "web\n");
    EXPECT_EQ(offered("pvhctl list w", list), "web\n");
}

TEST(Completion, OffersKeysBehindAFileOnly) {
    EXPECT_EQ(offered("pvhctl create maxv"), "\n");
    EXPECT_EQ(offered("pvhctl --socket /s create a.cfg maxv"), "maxvcpus=\n");
    EXPECT_EQ(offered("pvhctl create --socket /s maxv"), "\n");
    EXPECT_EQ(offered("pvhctl check a.cfg maxv"), "maxvcpus=\n");
    EXPECT_THAT(offered("pvhctl check a.cfg /etc/pass"), HasSubstr("/etc/passwd\n"));
}

TEST(Completion, OffersFiles) {
    EXPECT_THAT(offered("pvhctl --socket /etc/pass"), HasSubstr("/etc/passwd\n"));
    EXPECT_THAT(offered("pvhctl --socket = /etc/pass"), HasSubstr("/etc/passwd\n"));
    EXPECT_THAT(offered("pvhctl check /etc/pass"), HasSubstr("/etc/passwd\n"));
    EXPECT_THAT(offered("pvhctl create /etc/pass"), HasSubstr("/etc/passwd\n"));
    EXPECT_THAT(offered("pvhctl create a.cfg kernel = /etc/pass"), HasSubstr("/etc/passwd\n"));
}

} // namespace
} // namespace pvh::cli::test
