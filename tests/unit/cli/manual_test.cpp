// SPDX-License-Identifier: LGPL-2.1-or-later
// pvhctl(1) against the commands that there are.
#include "cli/exit_status.h"
#include "tests/unit/cli/command_tree.h"

#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using ::testing::HasSubstr;

using Words = std::set<std::string>;

std::string manual() {
    std::ifstream in{std::string{PVH_SOURCE_DIR} + "/docs/man/pvhctl.1.scd"};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

Words matches(const std::string& text, const char* pattern) {
    const std::regex regex{pattern};
    Words found;
    for (std::sregex_iterator at{text.begin(), text.end(), regex}; at != std::sregex_iterator{};
         ++at)
        found.insert((*at)[1]);
    return found;
}

/// Each command with its long options.
std::map<std::string, Words> commands() {
    const CommandTree tree;
    std::map<std::string, Words> commands;
    for (const ::CLI::App* command : tree.commands()) {
        Words& words = commands[command->get_name()];
        for (const ::CLI::Option* option : command->get_options())
            for (const std::string& name : option->get_lnames())
                words.insert("--" + name);
    }
    return commands;
}

/// Each command with the long options that the manual explains.
std::map<std::string, Words> explained() {
    const std::string text = manual();
    std::map<std::string, Words> commands;
    for (std::size_t at = text.find("\n## "); at != std::string::npos;) {
        const std::size_t next = text.find("\n## ", at + 1);
        const std::string section = text.substr(at, std::min(next, text.find("\n# ", at + 1)) - at);
        const std::string name = section.substr(4, section.find('\n', 1) - 4);
        std::istringstream lines{section};
        for (std::string line; std::getline(lines, line);)
            if (line.starts_with("*-")) commands[name].merge(matches(line, R"(\*(--[a-z_-]+)\*)"));
        commands.try_emplace(name);
        at = next;
    }
    return commands;
}

TEST(Manual, ExplainsEveryCommandAndEachOfItsOptions) {
    auto expected = commands();
    EXPECT_GT(expected.size(), 15U);
    for (auto& [command, options] : expected)
        options.erase("--help");
    EXPECT_EQ(explained(), expected);
}

TEST(Manual, TellsTheExitStatuses) {
    std::istringstream table{describe_exit_statuses()};
    std::string text = manual();
    unsigned rows = 0;
    for (std::string line; std::getline(table, line);) {
        std::istringstream words{line};
        std::string status;
        std::string meaning;
        if (line.starts_with(' ') && words >> status && std::getline(words >> std::ws, meaning)) {
            EXPECT_THAT(text, HasSubstr("\n" + status + "\n\t" + meaning + "\n"));
            ++rows;
        }
    }
    EXPECT_EQ(rows, 21U);
}

} // namespace
} // namespace pvh::cli::test
