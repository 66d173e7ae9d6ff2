// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_status.h"
#include "config/check_config.h"
#include "rpc/spec_json.h"
#include "tests/support/temp_folder.h"
#include "tests/unit/cli/fake_daemon.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using pvh::test::TempFolder;
using ::testing::HasSubstr;

void write(const std::string& path, const std::string& text) {
    std::ofstream{path} << text;
}

TEST(Check, JudgesAFolderAndNeedsNoDaemon) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg", "name='a'; type='pvh'; kernel='/k'; boot='c'\n");
    write(folder / "b.cfg", "name='b'; type='pvh'; kernel='/k'; cpus='3-1'\n");
    const Outcome outcome = run(daemon, {"check", "-q", folder / ""});
    EXPECT_EQ(outcome.status, 7);
    EXPECT_EQ(outcome.out, (folder / "a.cfg") + ": accepted, 1 warning\n" + (folder / "b.cfg") +
                               ": refused, 1 error\n");
    EXPECT_EQ(outcome.err, "");
    EXPECT_THAT(run(daemon, {"check", folder / "b.cfg"}).err,
                HasSubstr("CPU range \"3-1\" runs backwards"));
    const auto json = nlohmann::json::parse(run(daemon, {"check", "--json", folder / "a.cfg"}).out);
    EXPECT_EQ(json.at("files").at(0).at("accepted"), true);
    EXPECT_EQ(json.at("files").at(0).at("spec").at("name"), "a");
    EXPECT_EQ(json.at("files").at(0).at("keys").at(3).at("verdict"), "ignored");
}

TEST(Check, OfAFileThatCannotBeReadHasItsStatusAndJudgesTheOthers) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg", "name='a'; type='pvh'; kernel='/k'\n");
    const Outcome outcome = run(daemon, {"check", "-q", folder / "none.cfg", folder / "a.cfg"});
    EXPECT_EQ(outcome.status, exit_status(Errc::not_found));
    EXPECT_EQ(outcome.out,
              (folder / "none.cfg") + ": refused, 1 error\n" + (folder / "a.cfg") + ": accepted\n");
    EXPECT_EQ(run(daemon, {"create", folder / "none.cfg"}).status, outcome.status);
}

TEST(Check, TellsWhatBecomesOfEachLine) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg",
          "name = 'a'\ntype = 'pvh'\nkernel = '/k'\nmemory = 128 MB\n"
          "disk = [ 'phy:/x,xvda,w', b ]\nvcpus 2\nimport os\nfoo = bar\nmemory = 64\n"
          "root = '/dev/xvda'\ncmdline = 'ro'\nvcpus = 2\n");
    EXPECT_EQ(run(daemon, {"check", folder / "a.cfg"}).out,
              (folder / "a.cfg") + ": refused, 5 errors, 3 warnings\n"
                                   "     1  name                     used\n"
                                   "     2  type                     used\n"
                                   "     3  kernel                   used\n"
                                   "     4  memory                   faulty\n"
                                   "     5  disk                     faulty\n"
                                   "     6  vcpus                    faulty\n"
                                   "     8  foo                      faulty\n"
                                   "     9  memory                   used\n"
                                   "    10  root                     ignored (cmdline is set)\n"
                                   "    11  cmdline                  used\n"
                                   "    12  vcpus                    used\n");
}

TEST(Check, TakesOverridesBehindTheFiles) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg", "name='a'; type='pvh'; kernel='/k'\nmemory = 64\n");
    const Outcome outcome = run(daemon, {"check", folder / "a.cfg", "memory=128", "extra+= quiet"});
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr("     2  memory                   overridden "
                                       "(by the command line)\n"
                                       "  args  memory                   used\n"
                                       "  args  extra                    used\n"));
    const Outcome bad = run(daemon, {"check", folder / "a.cfg", "vcpus=0"});
    EXPECT_EQ(bad.status, exit_status(Errc::invalid_config));
    EXPECT_THAT(bad.err, HasSubstr("<command line>:1:7: error: vcpus = 0"));
    write(folder / "a=b", "name='b'; type='pvh'; kernel='/k'\n");
    EXPECT_EQ(run(daemon, {"check", "-q", folder / "a.cfg", folder / "a=b"}).out,
              (folder / "a.cfg") + ": accepted\n" + (folder / "a=b") + ": accepted\n");
    write(folder / "a.json", R"({"name": "a", "kernel": "/k"})");
    EXPECT_THAT(run(daemon, {"check", folder / "a.json", "memory=1"}).err,
                HasSubstr("a JSON spec takes no KEY=VALUE"));
}

TEST(Check, WarnsOfBytesThatCannotTravel) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.cfg", "name='a'; type='pvh'; kernel='/k'\n# \xE4\n\n# \xFC\n");
    const Outcome outcome = run(daemon, {"check", folder / "a.cfg"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_THAT(outcome.out, HasSubstr(": accepted, 2 warnings\n"));
    EXPECT_THAT(outcome.err, HasSubstr("a.cfg:2:1: warning: this line is not UTF-8"));
    EXPECT_THAT(outcome.err, HasSubstr("a.cfg:4:1: warning: this line is not UTF-8"));
    const auto json = nlohmann::json::parse(run(daemon, {"check", "--json", folder / "a.cfg"}).out);
    EXPECT_EQ(json.at("files").at(0).at("complaints").at(1).at("line"), 4);
}

TEST(Check, JudgesJsonSpecsToo) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "a.json", R"({"name": "a", "kernel": "/k"})");
    write(folder / "plan.json", R"( {"spec": {"name": "a", "kernel": "/k"}, "memory_map": []})");
    write(folder / "bad.json", R"({"name": "a", "kernel": "/k", "vcpus": 500})");
    write(folder / "odd.json", R"({"name": "a", "kernel": "/k", "disk": ["phy:/x"]})");
    EXPECT_EQ(run(daemon, {"check", folder / "a.json"}).status, 0);
    EXPECT_EQ(run(daemon, {"check", folder / "plan.json"}).status, 0);
    EXPECT_EQ(run(daemon, {"check", folder / "bad.json"}).status, 7);
    const Outcome odd = run(daemon, {"check", folder / "odd.json"});
    EXPECT_THAT(odd.err, HasSubstr("disk: an object is wanted here, not string"));
}

TEST(Check, PassesOverWhatEditorsLeave) {
    FakeDaemon daemon;
    const TempFolder folder;
    for (const char* name : {"a.cfg~", "a.cfg.bak", "README", ".hidden", "a.cfg.dpkg-old"})
        write(folder / name, "junk");
    write(folder / "a", "name='a'; type='pvh'; kernel='/k'\n");
    const Outcome outcome = run(daemon, {"check", "-q", folder / ""});
    EXPECT_EQ(outcome.out, (folder / "a") + ": accepted\n");
    EXPECT_EQ(outcome.err, "");
}

TEST(Check, OfAFolderWithoutConfigsFails) {
    FakeDaemon daemon;
    const TempFolder folder;
    write(folder / "xl.conf", "autoballoon=\"off\"\n");
    const Outcome outcome = run(daemon, {"check", folder / ""});
    EXPECT_EQ(outcome.status, exit_status(Errc::not_found));
    EXPECT_THAT(outcome.err, HasSubstr("there is no config in"));
}

TEST(Check, TellsOfLinksThatLeadNowhere) {
    FakeDaemon daemon;
    const TempFolder folder;
    std::filesystem::create_symlink("nowhere", folder / "broken");
    std::filesystem::create_symlink("circle", folder / "circle");
    const Outcome outcome = run(daemon, {"check", "-q", folder / ""});
    EXPECT_EQ(outcome.out, (folder / "broken") + ": refused, 1 error\n" + (folder / "circle") +
                               ": refused, 1 error\n");
}

TEST(Check, TellsSpecsOfTheCorpusAsJsonWithoutLoss) {
    unsigned compared = 0;
    for (const char* folder : {"/tests/corpus/good", "/config/examples"})
        for (const auto& entry :
             std::filesystem::directory_iterator{std::string{PVH_SOURCE_DIR} + folder}) {
            std::ifstream in{entry.path(), std::ios::binary};
            const std::string text{std::istreambuf_iterator<char>{in},
                                   std::istreambuf_iterator<char>{}};
            const auto result = config::check_domain_config({"t.cfg", text}, {}, "/folder");
            const nlohmann::json json = result.spec;
            EXPECT_EQ(rpc::read_spec_strictly(nlohmann::json::parse(
                          json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace))),
                      result.spec)
                << entry.path();
            ++compared;
        }
    EXPECT_GT(compared, 80U);
}

} // namespace
} // namespace pvh::cli::test
