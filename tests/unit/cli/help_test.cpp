// SPDX-License-Identifier: LGPL-2.1-or-later
// What pvhctl tells about itself: an example for each command, and none that would not work.
#include "cli/exit_status.h"
#include "cli/help_topics.h"
#include "tests/unit/cli/command_tree.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pvh::cli::test {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream in{text};
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

/// As a shell parts them, up to where the command ends.
std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool is_quoted = false;
    bool is_begun = false;
    const std::size_t end = line.find_first_of("|>&()#");
    for (const char c : line.substr(0, end) + ' ') {
        if (c == '\'') {
            is_quoted = !is_quoted;
            is_begun = true;
        } else if (c == ' ' && !is_quoted) {
            if (is_begun) words.push_back(word);
            word.clear();
            is_begun = false;
        } else {
            word += c;
            is_begun = true;
        }
    }
    return words;
}

/// The words behind each "pvhctl" of a line of shell.
std::vector<std::vector<std::string>> calls_in(const std::string& line) {
    constexpr std::string_view kName = "pvhctl ";
    std::vector<std::vector<std::string>> calls;
    for (std::size_t at = line.find(kName); at != std::string::npos;
         at = line.find(kName, at + kName.size()))
        calls.push_back(words_of(line.substr(at + kName.size())));
    return calls;
}

std::vector<std::string> examples_of(const ::CLI::App& command) {
    std::vector<std::string> lines = lines_of(command.get_footer());
    const auto heading = std::find_if(lines.begin(), lines.end(), [](const std::string& line) {
        return line == "Example:" || line == "Examples:";
    });
    if (heading == lines.end()) return {};
    return {heading + 1, lines.end()};
}

/// Whatever comes of it here, where there is no daemon: it is a command line that pvhctl takes.
void expect_taken(const std::string& line) {
    for (const auto& words : calls_in(line)) {
        FakeDaemon daemon;
        const Outcome outcome = run(daemon, words);
        EXPECT_NE(outcome.status, kUsage) << line << "\n" << outcome.err;
    }
}

TEST(Help, HasAnExampleForEachCommandAndAPlaceInTheOverview) {
    const CommandTree tree;
    for (const ::CLI::App* command : tree.commands()) {
        const std::string name = command->get_name();
        const auto lines = examples_of(*command);
        EXPECT_TRUE(std::any_of(lines.begin(), lines.end(),
                                [&](const std::string& line) {
                                    return (line + ' ').find("pvhctl " + name + ' ') !=
                                           std::string::npos;
                                }))
            << name << " has no example: add_examples()";
        EXPECT_NE(std::find(std::begin(kGroups), std::end(kGroups), command->get_group()),
                  std::end(kGroups))
            << name << " is in no group: " << command->get_group();
    }
}

TEST(Help, HasExamplesThatAreCommandLines) {
    const CommandTree tree;
    for (const ::CLI::App* command : tree.commands())
        for (const std::string& line : examples_of(*command))
            expect_taken(line);
}

TEST(Help, OfACommandIsWhatItsOptionPrints) {
    const CommandTree tree;
    for (const ::CLI::App* command : tree.commands()) {
        FakeDaemon daemon;
        const std::string name = command->get_name();
        const Outcome help = run(daemon, {"help", name});
        EXPECT_EQ(help.status, kSuccess);
        EXPECT_EQ(help.out, run(daemon, {name, "--help"}).out);
        EXPECT_THAT(help.out, HasSubstr("Usage: pvhctl " + name));
    }
}

TEST(Help, AloneListsEveryCommandAndTopicInLinesOfATerminal) {
    FakeDaemon daemon;
    const Outcome help = run(daemon, {"help"});
    EXPECT_EQ(help.status, kSuccess);
    const CommandTree tree;
    for (const ::CLI::App* command : tree.commands())
        EXPECT_THAT(help.out, HasSubstr("\n  " + command->get_name() + ' '));
    for (const HelpTopic& topic : help_topics())
        EXPECT_THAT(help.out, HasSubstr("\n  " + std::string{topic.name} + ' '));
    for (const std::string& line : lines_of(help.out))
        EXPECT_LE(line.size(), 80U) << line;
    EXPECT_TRUE(daemon.calls.empty());
}

TEST(Help, OfTopicsNamesCommandsThatThereAre) {
    const CommandTree tree;
    std::vector<std::string> names{"--help", "--json"};
    for (const ::CLI::App* command : tree.commands())
        names.push_back(command->get_name());
    for (const HelpTopic& topic : help_topics()) {
        FakeDaemon daemon;
        const Outcome help = run(daemon, {"help", std::string{topic.name}});
        EXPECT_EQ(help.out, std::string{topic.text} + '\n');
        for (const std::string& line : lines_of(help.out)) {
            EXPECT_LE(line.size(), 80U) << line;
            if (!line.starts_with("  pvhctl ")) continue; // prose
            std::string name = calls_in(line).front().front();
            if (name.ends_with(',')) name.pop_back();
            EXPECT_THAT(names, ::testing::Contains(name)) << line;
        }
        for (const ::CLI::App* command : tree.commands())
            EXPECT_NE(command->get_name(), topic.name) << "the command would hide the topic";
    }
}

TEST(Help, SaysWhatMayHaveBeenMeant) {
    FakeDaemon daemon;
    const Outcome help = run(daemon, {"help", "creat"});
    EXPECT_EQ(help.status, kUsage);
    EXPECT_THAT(help.err, HasSubstr("did you mean \"create\"?"));
    EXPECT_THAT(run(daemon, {"help", "memroy"}).err, HasSubstr("did you mean \"memory\"?"));
    EXPECT_THAT(run(daemon, {}).err, HasSubstr("hint: run pvhctl help"));
}

TEST(Help, OfTheManualHasExamplesThatAreCommandLines) {
    std::ifstream in{std::string{PVH_SOURCE_DIR} + "/docs/man/pvhctl.1.scd"};
    const std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    unsigned found = 0;
    for (std::string line : lines_of(text.substr(text.find("\n# EXAMPLES\n")))) {
        if (line.starts_with("# SEE ALSO")) break;
        if (line.ends_with("++")) line.resize(line.size() - 2);
        if (!line.starts_with("\tpvhctl ") && !line.starts_with("pvhctl ")) continue;
        expect_taken(line);
        ++found;
    }
    EXPECT_GT(found, 4U);
}

} // namespace
} // namespace pvh::cli::test
