// SPDX-License-Identifier: LGPL-2.1-or-later
// docs/examples/pvhd_client.py with a daemon over a model of Xen.
#include "tests/unit/daemon/running_daemon.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::test {
namespace {

using ::testing::HasSubstr;

class PythonClientTest : public DaemonTest {
  protected:
    void SetUp() override {
        if (std::system("python3 -c '' 2>/dev/null") != 0) GTEST_SKIP() << "there is no python3";
        static_cast<void>(folder_.file("vmlinuz", pvh_kernel()));
        start();
    }

    /// What a script prints, and its status. It leaves no compiled files in the tree.
    static std::pair<std::string, int> run(const std::string& script,
                                           const std::string& arguments) {
        const std::string command = "PYTHONPATH=" PVH_SOURCE_DIR "/docs/examples timeout 60 "
                                    "python3 -B " PVH_SOURCE_DIR "/" +
                                    script + " " + arguments + " 2>&1";
        FILE* out = ::popen(command.c_str(), "re");
        if (out == nullptr) return {"popen failed", -1};
        std::string text;
        for (int c = 0; (c = std::fgetc(out)) != EOF;)
            text += static_cast<char>(c);
        return {text, ::pclose(out)};
    }
};

TEST_F(PythonClientTest, FollowsADomainToItsEnd) {
    std::ofstream{folder_ / "web.cfg"} << "name = 'web'\ntype = 'pvh'\nkernel = 'vmlinuz'\n";
    std::thread guest{[this] {
        auto client = connect();
        if (eventually([&] { return status(client, "web").value("state", "") == "idle"; }))
            guest_ends(DomId{1}, kPoweroff);
    }};
    const auto [text, status] = run("docs/examples/pvhd_client.py",
                                    "--socket " + options_.socket + " " + (folder_ / "web.cfg"));
    guest.join();
    EXPECT_EQ(status, 0) << text;
    for (const char* part :
         {"0 Domain-0", "18/18 introduce", "domain.created web",
          R"(domain.shutdown web {"reason": "poweroff"})", "domain.destroyed web"})
        EXPECT_THAT(text, HasSubstr(part));
}

TEST_F(PythonClientTest, SaysWhatIsWrong) {
    std::ofstream{folder_ / "web.cfg"} << "name = 'web'\ntype = 'pvh'\nkernel = 'none'\n";
    const auto [text, status] = run("docs/examples/pvhd_client.py",
                                    "--socket " + options_.socket + " " + (folder_ / "web.cfg"));
    EXPECT_NE(status, 0);
    EXPECT_THAT(text, HasSubstr("(not_found)"));
}

TEST_F(PythonClientTest, DoesWhatItSays) {
    const auto [text, status] =
        run("tests/unit/daemon/python_client_check.py", options_.socket + " " + kernel_);
    EXPECT_EQ(status, 0) << text;
}

} // namespace
} // namespace pvh::test
