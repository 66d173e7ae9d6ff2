// SPDX-License-Identifier: LGPL-2.1-or-later
// What bash needs to complete pvhctl's command line: the commands and their options as CLI11 has
// them, the options of configs as the option table has them.
#include "cli/commands.h"
#include "config/option_table.h"

#include <string>

#include <CLI/App.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pvh::cli {

namespace {

// bash takes "=" for the end of a word, so KEY=VALUE arrives as three. Files and keys are never
// offered together: of files bash would quote the "=" of keys.
constexpr std::string_view kFunction = R"sh(
_pvhctl_files() {
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null || :
}
_pvhctl() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
    local command="" candidates="" before="" word takes given=0
    COMPREPLY=()
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $before = --socket || $word = -* || -z $word ]]; then :
        elif [[ -z $command ]]; then [[ -n ${_pvhctl_options[$word]+known} ]] && command=$word
        else given=$((given + 1))
        fi
        before=$word
    done
    takes=" ${command:+${_pvhctl_takes[$command]}} "
    if [[ $cur = "=" || $prev = "=" ]]; then
        [[ $prev = "=" ]] && prev=${COMP_WORDS[COMP_CWORD - 2]} || cur=""
        candidates=${_pvhctl_values[$prev]-}
        [[ -n $candidates ]] || _pvhctl_files
    elif [[ $prev = --socket || $prev = --probes ]]; then
        _pvhctl_files
    elif [[ $cur = -* ]]; then
        candidates="${command:+${_pvhctl_options[$command]}} $_pvhctl_global_options"
    elif [[ -z $command ]]; then
        candidates=${!_pvhctl_options[*]}
    elif [[ $takes = *" DOM "* || $takes = *" NAME "* ]]; then
        # words go through an evaluation, so only names without anything to evaluate
        candidates=$(pvhctl list 2>/dev/null | awk 'NR > 1 && $1 ~ /^[A-Za-z0-9._+:-]+$/ && $2 ~ /^[1-9][0-9]*$/ {print $1}')
    elif [[ $takes = *" FILE "* ]]; then
        if [[ $given -eq 0 || $command = check ]]; then _pvhctl_files; fi
        if [[ $given -gt 0 && ${#COMPREPLY[@]} -eq 0 ]]; then
            candidates=$_pvhctl_keys
            compopt +o filenames 2>/dev/null || :
        fi
    fi
    [[ -z $candidates ]] || mapfile -t COMPREPLY < <(compgen -W "$candidates" -- "$cur")
    case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null || : ;; esac
}
complete -F _pvhctl pvhctl
)sh";

std::string words_of(const ::CLI::App& app, bool are_options) {
    std::string words;
    for (const ::CLI::Option* option : app.get_options()) {
        if (option->get_positional() == are_options) continue;
        for (const std::string& name : option->get_lnames())
            words += (words.empty() ? "--" : " --") + name;
        if (!are_options) words += (words.empty() ? "" : " ") + option->get_name(true);
    }
    return words;
}

std::string completion(const ::CLI::App& app) {
    std::string script = "# bash completion of pvhctl, as \"pvhctl completion\" prints it\n"
                         "declare -gA _pvhctl_options=() _pvhctl_takes=() _pvhctl_values=()\n";
    script += fmt::format("_pvhctl_global_options=\"{}\"\n", words_of(app, true));
    for (const auto* command : app.get_subcommands([](const ::CLI::App*) { return true; })) {
        script += fmt::format("_pvhctl_options[{}]=\"{}\"\n", command->get_name(),
                              words_of(*command, true));
        script += fmt::format("_pvhctl_takes[{}]=\"{}\"\n", command->get_name(),
                              words_of(*command, false));
    }
    std::string keys;
    for (const config::Option& option : config::all_options()) {
        if (option.chapter == config::Chapter::no_effect) continue;
        keys += fmt::format("{}{}=", keys.empty() ? "" : " ", option.key);
        if (option.words.empty()) continue;
        script +=
            fmt::format("_pvhctl_values[{}]=\"{}\"\n", option.key, fmt::join(option.words, " "));
    }
    return script + fmt::format("_pvhctl_keys=\"{}\"", keys) + std::string{kFunction};
}

} // namespace

void setup_completion(::CLI::App& app, Context& context) {
    ::CLI::App* sub = app.add_subcommand("completion", "Print the completion of bash");
    sub->footer("In a shell: source <(pvhctl completion)");
    sub->callback([&app, &context] {
        const std::string script = completion(app);
        print_line(context, std::string_view{script}.substr(0, script.size() - 1));
    });
}

} // namespace pvh::cli
