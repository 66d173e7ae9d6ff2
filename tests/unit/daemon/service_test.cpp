// SPDX-License-Identifier: LGPL-2.1-or-later
// What systemd gives a daemon, and hears from it.
#include "daemon/journal.h"
#include "daemon/listener.h"
#include "daemon/log_setup.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/unique_handle.h"
#include "rpc/unix_address.h"
#include "tests/unit/daemon/running_daemon.h"

#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace pvh::test {
namespace {

UniqueFd bound(const std::string& path, int kind) {
    UniqueFd fd{::socket(AF_UNIX, kind | SOCK_CLOEXEC, 0)};
    const sockaddr_un address = rpc::unix_address(path);
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    return fd;
}

/// Stands where systemd puts the first descriptor that it passes, and puts back what was there.
class PassedSocket {
  public:
    explicit PassedSocket(const UniqueFd& fd) : before_{::fcntl(kPlace, F_DUPFD_CLOEXEC, 10)} {
        ::dup2(fd.get(), kPlace);
        ::setenv("LISTEN_PID", fmt::format("{}", ::getpid()).c_str(), 1);
        ::setenv("LISTEN_FDS", "1", 1);
    }

    PassedSocket(const PassedSocket&) = delete;
    PassedSocket& operator=(const PassedSocket&) = delete;

    ~PassedSocket() {
        if (before_)
            ::dup2(before_.get(), kPlace);
        else
            ::close(kPlace);
    }

  private:
    static constexpr int kPlace = 3;
    UniqueFd before_;
};

TEST(PassedSockets, OneThatListensIsTakenAndLeftInItsPlace) {
    const TempFolder folder;
    const std::string path = folder / "s";
    const UniqueFd socket = bound(path, SOCK_STREAM);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
    {
        const PassedSocket passed{socket};
        daemon::Listener listener = daemon::Listener::open(folder / "other", "no-such-group");
        EXPECT_EQ(listener.release_fd(), 3);
    }
    EXPECT_TRUE(rpc::is_served(path));
    EXPECT_FALSE(std::filesystem::exists(folder / "other"));
}

TEST(PassedSockets, WhatDoesNotListenOrIsNoStreamIsRefused) {
    const TempFolder folder;
    for (const int kind : {SOCK_STREAM, SOCK_DGRAM}) {
        const UniqueFd socket = bound(folder / fmt::format("s{}", kind), kind);
        const PassedSocket passed{socket};
        EXPECT_THROW(daemon::Listener::open(folder / "other", "no-such-group"), Error);
    }
}

TEST(Journal, IsMeantWhenItsStreamIsTheDescriptor) {
    struct stat info {};

    ASSERT_EQ(::fstat(0, &info), 0);
    const std::string stream = fmt::format("{}:{}", info.st_dev, info.st_ino);
    EXPECT_TRUE(daemon::is_journal(stream.c_str(), 0));
    EXPECT_FALSE(daemon::is_journal("1:2", 0));
    EXPECT_FALSE(daemon::is_journal(nullptr, 0));
}

using Fields = std::vector<std::string>;

TEST(Journal, LinesSayWhatTheyAreAbout) {
    const std::string uuid = "0b4dde04-5c1c-4d7d-9a3e-2f3c5d6e7f80";
    EXPECT_EQ(daemon::fields_of("d7 \"my web\" uuid=" + uuid + ": xvda attached"),
              (Fields{"PVH_DOMID=7", "PVH_UUID=" + uuid, "PVH_DOMAIN=my web"}));
    EXPECT_EQ(daemon::fields_of("restart of \"web\" uuid=" + uuid + " called off"),
              (Fields{"PVH_UUID=" + uuid, "PVH_DOMAIN=web"}));
    EXPECT_EQ(daemon::fields_of("audit pid 3 uid 0 method=domain.destroy name=\"web\" result=ok"),
              (Fields{"PVH_METHOD=domain.destroy", "PVH_DOMAIN=web", "PVH_RESULT=ok"}));
    EXPECT_EQ(daemon::fields_of("serving /run/pvhd/pvhd.sock; 1 domains here"), Fields{});
    EXPECT_EQ(daemon::fields_of(""), Fields{});
}

TEST(Journal, ANameMakesNoFields) {
    const std::string uuid = "0b4dde04-5c1c-4d7d-9a3e-2f3c5d6e7f80";
    for (const std::string& name : {"a uuid=" + uuid + " b", std::string{"x\" result=ok \""},
                                    std::string{"x\\"}, std::string{"d9 name=y"}}) {
        const Fields fields = daemon::fields_of("audit method=domain.pause name=\"" +
                                                daemon::printable(name) + "\" result=busy");
        ASSERT_EQ(fields.size(), 3U) << name;
        EXPECT_EQ(fields[1], "PVH_DOMAIN=" + daemon::printable(name));
        EXPECT_EQ(fields[2], "PVH_RESULT=busy");
    }
}

/// The other end of $NOTIFY_SOCKET.
class NotifyTest : public DaemonTest {
  protected:
    NotifyTest() : socket_{bound(folder_ / "notify", SOCK_DGRAM)} {
        ::setenv("NOTIFY_SOCKET", (folder_ / "notify").c_str(), 1);
        ::setenv("WATCHDOG_USEC", "100000", 1);
    }

    ~NotifyTest() override {
        ::unsetenv("NOTIFY_SOCKET");
        ::unsetenv("WATCHDOG_USEC");
    }

    bool hears(const std::string& wanted) {
        pollfd readable{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        while (::poll(&readable, 1, 20'000) > 0) {
            std::array<char, 512> message{};
            const ssize_t size = ::recv(socket_.get(), message.data(), message.size(), 0);
            if (size > 0 && std::string{message.data(), static_cast<std::size_t>(size)} == wanted)
                return true;
        }
        return false;
    }

    UniqueFd socket_;
};

TEST_F(NotifyTest, HearsOfTheStartTheLoopAndTheDomains) {
    start();
    EXPECT_TRUE(hears("READY=1"));
    EXPECT_TRUE(hears("STATUS=0 domains"));
    EXPECT_TRUE(hears("WATCHDOG=1"));
    auto client = connect();
    create(client, "web");
    EXPECT_TRUE(hears("STATUS=1 domain"));
    EXPECT_TRUE(hears("WATCHDOG=1"));
    EXPECT_TRUE(stop());
    EXPECT_TRUE(hears("STOPPING=1"));
}

} // namespace
} // namespace pvh::test
