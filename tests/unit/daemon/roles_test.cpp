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
class OtherUserTest : public DaemonTest {
  protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root can be another user";
    }

    std::string answer_to_other(const std::string& method) const {
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        const pid_t child = ::fork();
        if (child == 0) speak_as_other(method, ends[1]);
        ::close(ends[1]);
        std::string text;
        std::array<char, 1024> chunk{};
        for (ssize_t got = 0; (got = ::read(ends[0], chunk.data(), chunk.size())) > 0;)
            text.append(chunk.data(), static_cast<std::size_t>(got));
        ::close(ends[0]);
        ::waitpid(child, nullptr, 0);
        return text;
    }

  private:
    [[noreturn]] void speak_as_other(const std::string& method, int out) const {
        const bool is_other = ::setgid(kUser) == 0 && ::setuid(kUser) == 0;
        RawClient client = connect();
        const std::string text =
            is_other ? client.call(method, {{"name", "nobody"}}).dump() : "still root";
        const bool is_told = ::write(out, text.data(), text.size()) > 0;
        ::_exit(is_told ? 0 : 1);
    }
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
