// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/account_names.h"
#include "daemon/roles.h"
#include "tests/unit/daemon/running_daemon.h"

#include <array>
#include <string>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace pvh::test {
namespace {

using daemon::role_of;
using daemon::Roles;
using rpc::Role;

constexpr uid_t kUser = 54321;
const std::array<gid_t, 2> kGroups{10, 20};

TEST(Roles, WhoHasSeveralHasTheHighest) {
    const Roles roles{.readers = {.users = {kUser}, .groups = {10}},
                      .operators = {.users = {}, .groups = {20}},
                      .admins = {.users = {}, .groups = {30}}};
    EXPECT_EQ(role_of(roles, kUser, kGroups), Role::operate);
    EXPECT_EQ(role_of(roles, kUser, {}), Role::reader);
    EXPECT_EQ(role_of(roles, kUser + 1, {}), std::nullopt);
}

TEST(Roles, RootIsAdminWhateverIsSet) {
    EXPECT_EQ(role_of({}, 0, {}), Role::admin);
    EXPECT_EQ(
        role_of({.readers = {.users = {0}, .groups = {}}, .operators = {}, .admins = {}}, 0, {}),
        Role::admin);
}

TEST(Roles, ByDefaultTheSocketsGroupIsAdmin) {
    EXPECT_EQ(role_of(daemon::roles_by_socket(20), kUser, kGroups), Role::admin);
    EXPECT_EQ(role_of(daemon::roles_by_socket(std::nullopt), kUser, kGroups), std::nullopt);
}

TEST(AccountNames, AreNamesOrNumbers) {
    EXPECT_EQ(daemon::find_user("root"), uid_t{0});
    EXPECT_EQ(daemon::find_group("root"), gid_t{0});
    EXPECT_EQ(daemon::find_group("1234"), gid_t{1234});
    EXPECT_EQ(daemon::find_user("4294967295"), std::nullopt); // chown's "leave it"
    EXPECT_EQ(daemon::find_user("-1"), std::nullopt);
    EXPECT_EQ(daemon::find_group("no-such-group"), std::nullopt);
    EXPECT_EQ(daemon::find_group(""), std::nullopt);
}

/// What another user hears of a method; the daemon knows him by his credentials.
/// The other user is a process that begins before pvhd does: what is forked beside its threads may
/// wait for ever for a lock that one of them had.
class OtherUserTest : public DaemonTest {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
        std::array<int, 2> questions{};
        std::array<int, 2> answers{};
        ASSERT_EQ(::pipe(questions.data()), 0);
        ASSERT_EQ(::pipe(answers.data()), 0);
        other_ = ::fork();
        ASSERT_GE(other_, 0);
        if (other_ == 0) {
            ::close(questions[1]);
            speak_as_other(questions[0], answers[1]);
        }
        ::close(questions[0]);
        ::close(answers[1]);
        ask_ = questions[1];
        hear_ = answers[0];
    }

    void TearDown() override {
        if (other_ <= 0) return;
        ::close(ask_); // which ends it
        ::close(hear_);
        ::waitpid(other_, nullptr, 0);
    }

    std::string answer_to_other(const std::string& method) const {
        const std::string line = method + '\n';
        EXPECT_EQ(::write(ask_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
        return read_line(hear_);
    }

  private:
    static std::string read_line(int fd) {
        std::string line;
        for (char c = 0; ::read(fd, &c, 1) == 1 && c != '\n';)
            line += c;
        return line;
    }

    [[noreturn]] void speak_as_other(int questions, int out) const {
        const bool is_other = ::setgid(kUser) == 0 && ::setuid(kUser) == 0;
        for (std::string method = read_line(questions); !method.empty();
             method = read_line(questions)) {
            RawClient client = connect();
            const std::string text =
                (is_other ? client.call(method, {{"name", "nobody"}}).dump() : "still root") + '\n';
            if (::write(out, text.data(), text.size()) < 0) ::_exit(1);
        }
        ::_exit(0);
    }

    pid_t other_ = -1;
    int ask_ = -1, hear_ = -1;
};

/// Lets everybody connect: what a user may do is then up to his role.
void open_to_all(const std::string& folder, const std::string& socket) {
    std::filesystem::permissions(folder, std::filesystem::perms::all);
    std::filesystem::permissions(socket, std::filesystem::perms::all);
}

TEST_F(OtherUserTest, AReaderMayLookAndIsToldWhatMoreNeeds) {
    options_.admission.roles =
        Roles{.readers = {.users = {kUser}, .groups = {}}, .operators = {}, .admins = {}};
    start();
    open_to_all(folder_ / "", options_.socket);
    EXPECT_NE(answer_to_other("domain.get").find("not_found"), std::string::npos);
    const std::string refused = answer_to_other("domain.destroy");
    EXPECT_NE(refused.find("permission_denied"), std::string::npos) << refused;
    EXPECT_NE(refused.find("domain.destroy needs the role operator, you have reader"),
              std::string::npos)
        << refused;
}

TEST_F(OtherUserTest, RolesThatAreAdjustedHoldForTheNextWhoComes) {
    start();
    open_to_all(folder_ / "", options_.socket);
    EXPECT_NE(answer_to_other("domain.get").find("you may not talk to pvhd"), std::string::npos);
    options_.admission.roles =
        Roles{.readers = {}, .operators = {.users = {}, .groups = {kUser}}, .admins = {}};
    daemon_->on_hangup([&] { daemon_->adjust(options_); });
    std::raise(SIGHUP);
    EXPECT_TRUE(eventually(
        [&] { return answer_to_other("domain.destroy").find("not_found") != std::string::npos; }));
}

} // namespace
} // namespace pvh::test
