// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/commands.h"
#include "cli/help_topics.h"
#include "cli/table.h"
#include "libdomain/core/nearest.h"
#include "rpc/shortened.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <CLI/Error.hpp>
#include <fmt/format.h>

namespace pvh::cli {

namespace {

constexpr std::string_view kFirstSteps =
    R"(pvhctl asks pvhd, the daemon in dom0, for what is to be done with PVH domains.

First steps
  pvhctl doctor                    is this host fit for guests, and what if not
  pvhctl check web.cfg             what becomes of each option of a config
  pvhctl create --console web.cfg  start it and see it boot; Ctrl-] leaves
  pvhctl list                      what is there
  pvhctl console web               back to its console
  pvhctl shutdown --wait web       ask it to end; pvhctl destroy does not ask

If something fails
  pvhctl help errors               where to look, beginning with the hint that
                                   stands below most errors
)";

constexpr std::string_view kFurther = R"(
More
  pvhctl help COMMAND              what it does, its options, examples
  man pvhctl                       everything; --json and exit statuses, too
  man pvhd.cfg                     the options of configs
  source <(pvhctl completion bash) Tab completes commands, options and domains)";

constexpr std::size_t kColumn = 20;

using Commands = std::vector<const ::CLI::App*>;

Commands commands_of(const ::CLI::App& app, const std::string& group) {
    return app.get_subcommands(
        [&](const ::CLI::App* command) { return command->get_group() == group; });
}

std::string overview(const ::CLI::App& app) {
    std::string text{kFirstSteps};
    for (const char* group : kGroups) {
        text += fmt::format("\n{}\n", group);
        for (const ::CLI::App* command : commands_of(app, group))
            text += fmt::format("  {}{}\n", pad_right(command->get_name(), kColumn),
                                command->get_description());
    }
    text += "\nTopics: pvhctl help TOPIC\n";
    for (const HelpTopic& topic : help_topics())
        text += fmt::format("  {}{}\n", pad_right(topic.name, kColumn), topic.about);
    return text.append(kFurther);
}

const HelpTopic* find_topic(const std::string& word) {
    const auto topics = help_topics();
    const auto found = std::find_if(topics.begin(), topics.end(),
                                    [&](const HelpTopic& topic) { return topic.name == word; });
    return found != topics.end() ? &*found : nullptr;
}

[[noreturn]] void refuse(const ::CLI::App& app, const std::string& word) {
    Commands commands = app.get_subcommands([](const ::CLI::App*) { return true; });
    std::vector<std::string> names;
    for (const ::CLI::App* command : commands)
        names.push_back(command->get_name());
    for (const HelpTopic& topic : help_topics())
        names.emplace_back(topic.name);
    const auto nearest =
        nearest_of(word, std::vector<std::string_view>{names.begin(), names.end()});
    throw ::CLI::ValidationError(
        "COMMAND",
        fmt::format("there is neither a command nor a topic \"{}\"{}", rpc::shortened(word),
                    nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
}

/// Of a command it is what its --help prints.
std::string help_of(const ::CLI::App& app, const std::string& word) {
    const auto found =
        app.get_subcommands([&](const ::CLI::App* command) { return command->get_name() == word; });
    if (!found.empty()) {
        std::string text = found.front()->help(app.get_name());
        return text.substr(0, text.find_last_not_of('\n') + 1);
    }
    const HelpTopic* topic = find_topic(word);
    if (topic == nullptr) refuse(app, word);
    return std::string{topic->text};
}

} // namespace

void setup_help(::CLI::App& app, Context& context) {
    auto word = std::make_shared<std::string>();
    ::CLI::App* sub = app.add_subcommand("help", "Begin here, or tell about a command or a topic");
    sub->add_option("COMMAND", *word, "Or one of the topics that help alone lists")
        ->type_name("COMMAND|TOPIC");
    add_examples(*sub, kItself, {"pvhctl help create", "pvhctl help errors"});
    sub->callback([word, &app, &context] {
        print_line(context, word->empty() ? overview(app) : help_of(app, *word));
    });
}

} // namespace pvh::cli
