// SPDX-License-Identifier: LGPL-2.1-or-later
// Real programs of this machine.
#include "libdomain/core/error.h"
#include "libdomain/linux/run_script.h"

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::host {
namespace {

using device::ScriptEnd;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

ScriptEnd run(const std::string& words, std::chrono::milliseconds limit = 60s) {
    return run_script({.arguments = {"/bin/sh", "-c", words},
                       .environment = {{"XENBUS_PATH", "backend/vbd/7/51712"}},
                       .limit = limit});
}

TEST(RunScript, ThatEndsWellHasNoFault) {
    const ScriptEnd end = run("echo one; echo two >&2");
    EXPECT_EQ(end.fault, "");
    EXPECT_EQ(end.output, "one\ntwo");
}

TEST(RunScript, SaysHowItEnded) {
    EXPECT_EQ(run("exit 3").fault, "ended with status 3");
    EXPECT_EQ(run("kill -TERM $$").fault, "was ended by signal 15");
}

TEST(RunScript, ThatOutlivesWhoeverStartedItCanBeEnded) {
    std::string process;
    std::thread other;
    const ScriptEnd end = run_script({.arguments = {"/bin/sh", "-c", "sleep 60; echo late"},
                                      .environment = {},
                                      .limit = 60s,
                                      .on_start = [&](const std::string& it) {
                                          process = it;
                                          other = std::thread{[&] { end_script(process); }};
                                      }});
    other.join();
    EXPECT_EQ(end.fault, "was ended by signal 9") << process;
    end_script(process); // has no effect any more
}

TEST(RunScript, OfAnotherTimeIsLeftAlone) {
    const ScriptEnd end = run_script({.arguments = {"/bin/sh", "-c", "echo well"},
                                      .environment = {},
                                      .limit = 60s,
                                      .on_start = [](const std::string& process) {
                                          end_script(process + "0");
                                          end_script(process.substr(0, process.find(' ')));
                                          end_script("");
                                      }});
    EXPECT_EQ(end.fault, "");
    EXPECT_EQ(end.output, "well");
}

TEST(RunScript, IsEndedIfItCannotBeNoted) {
    pid_t pid = 0;
    const auto refuse = [&](const std::string& process) {
        pid = std::stoi(process);
        throw Error{Errc::xenstore_error, "no"};
    };
    EXPECT_THROW(run_script({.arguments = {"/bin/sh", "-c", "sleep 60"},
                             .environment = {},
                             .limit = 60s,
                             .on_start = refuse}),
                 Error);
    EXPECT_EQ(::kill(pid, 0), -1);
}

TEST(RunScript, HasTheEnvironmentGivenAndNoOther) {
    ::setenv("PVH_SECRET", "1", 1);
    const ScriptEnd end = run("env");
    EXPECT_THAT(end.output, HasSubstr("XENBUS_PATH=backend/vbd/7/51712"));
    EXPECT_THAT(end.output, HasSubstr("PATH=/"));
    EXPECT_THAT(end.output, Not(HasSubstr("PVH_SECRET")));
}

TEST(RunScript, InheritsNothingElse) {
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    const auto ignored = ::signal(SIGPIPE, SIG_IGN);
    const ScriptEnd end = run(
        "sed -nE 's/^(SigBlk|SigIgn).*(.{7})$/\\1 \\2/p' /proc/self/status; ls /proc/self/fd | wc "
        "-l; pwd; read x || echo end");
    ::signal(SIGPIPE, ignored);
    ::pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    // Of signals 1 to 28: glibc ignores 32 and 33, which are its own. 0, 1, 2 and the one that ls
    // itself opens.
    EXPECT_EQ(end.output, "SigBlk 0000000\nSigIgn 0000000\n4\n/\nend");
}

TEST(RunScript, IsKilledWithItsChildrenWhenItsTimeIsOver) {
    const ScriptEnd end = run("echo $$; sleep 1000 & sleep 1000", 200ms);
    EXPECT_TRUE(end.is_late);
    EXPECT_EQ(end.fault, "was killed after 0.2 s");
    const pid_t group = std::stoi(end.output);
    const auto deadline = std::chrono::steady_clock::now() + 60s; // init reaps the child
    while (::kill(-group, 0) == 0 && std::chrono::steady_clock::now() < deadline) {
    }
    EXPECT_NE(::kill(-group, 0), 0);
}

TEST(RunScript, IsNotWaitedForByWhatItLeavesRunning) {
    const ScriptEnd end = run("sleep 600 & echo $!");
    EXPECT_EQ(end.fault, "");
    EXPECT_EQ(::kill(std::stoi(end.output), SIGKILL), 0);
}

TEST(RunScript, KeepsTheEndOfALongOutput) {
    const ScriptEnd end =
        run("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done; echo last");
    EXPECT_THAT(end.output, EndsWith("line 19999\nlast"));
    EXPECT_LE(end.output.size(), 2000U);
}

TEST(RunScript, ThatCannotBeStartedIsAnError) {
    EXPECT_THROW(run_script({.arguments = {"/nowhere"}, .environment = {}, .limit = 1s}), Error);
}

} // namespace
} // namespace pvh::host
