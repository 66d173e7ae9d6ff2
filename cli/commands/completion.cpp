// SPDX-License-Identifier: LGPL-2.1-or-later
// What shells need to complete pvhctl's command line. They ask pvhctl itself at each Tab
// (pvhctl.cpp, completer.h), so that commands and options are those of the program that will run,
// and names those of now. What is left to each of them is how it takes lines apart and puts words
// in.
#include "cli/commands.h"

#include <memory>
#include <string>
#include <string_view>

#include <CLI/Validators.hpp>

namespace pvh::cli {

namespace {

// bash takes "=" and ":" for ends of words, so that KEY=VALUE arrives as three, and replaces only
// the last of them. Files and keys are never offered together: of files bash would quote the "=" of
// keys. Nothing goes through compgen -W, which evaluates what it is given.
constexpr std::string_view kBash =
    R"sh(# bash completion of pvhctl, as "pvhctl completion bash" prints it
_pvhctl() {
    local words=() piece typed kept line paths="" is_open=""
    for piece in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [[ ${#words[@]} -gt 0 && -n $piece && ( $piece = [=:]* || -n $is_open ) ]]; then
            words[${#words[@]}-1]+=$piece
        else
            words+=("$piece")
        fi
        [[ $piece = [=:]* ]] && is_open=yes || is_open=""
    done
    typed=${words[${#words[@]}-1]}
    [[ $piece = [=:]* ]] && piece=""
    kept=${typed%"$piece"}
    COMPREPLY=()
    while IFS= read -r line; do
        case $line in
        :files | :folders) paths=$line ;;
        *)
            line=${line%%$'\t'*}
            [[ $line != "$typed"* ]] || COMPREPLY+=("${line#"$kept"}")
            ;;
        esac
    done < <("${1:-pvhctl}" __complete "${words[@]}" 2>/dev/null)
    if [[ -n $paths ]]; then
        local found=()
        [[ $paths = :files ]] && paths=-f || paths=-d
        mapfile -t found < <(compgen "$paths" -- "$piece")
        if [[ ${#found[@]} -gt 0 ]]; then
            COMPREPLY=("${found[@]}")
            compopt -o filenames 2>/dev/null || :
        fi
    fi
    case ${COMPREPLY[0]-} in *=) compopt -o nospace 2>/dev/null || : ;; esac
}
complete -F _pvhctl pvhctl
)sh";

// Sourced, or as a file _pvhctl in a folder of $fpath, whose first call runs the file itself.
constexpr std::string_view kZsh = R"sh(#compdef pvhctl
# zsh completion of pvhctl, as "pvhctl completion zsh" prints it
_pvhctl() {
    local line word about kind="" ret=1
    local -a plain open
    for line in "${(@f)$("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
        word=${line%%$'\t'*}
        about=""
        [[ $line != *$'\t'* ]] || about=:${line#*$'\t'}
        case $line in
        '') ;;
        :files | :folders) kind=$line ;;
        *=$'\t'* | *=) open+=("${word//:/\\:}$about") ;;
        *) plain+=("${word//:/\\:}$about") ;;
        esac
    done
    (( $#plain )) && _describe -t words pvhctl plain && ret=0
    (( $#open )) && _describe -t keys 'option of the config' open -S '' && ret=0
    if [[ -n $kind ]]; then
        compset -P 1 '*='
        if [[ $kind = :files ]]; then _files && ret=0; else _files -/ && ret=0; fi
    fi
    return ret
}
if [[ ${funcstack[1]-} = _pvhctl ]]; then _pvhctl "$@"; else compdef _pvhctl pvhctl; fi
)sh";

constexpr std::string_view kFish =
    R"sh(# fish completion of pvhctl, as "pvhctl completion fish" prints it
function __pvhctl_candidates
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    set -l value (string replace -r '^[^=]*=' '' -- "$typed")
    set -l kept (string replace -r '[^=]*$' '' -- (string match -r '^[^=]*=|' -- "$typed"))
    for line in ($program __complete $words "$typed" 2>/dev/null)
        switch $line
            case :files
                for path in (__fish_complete_path "$value")
                    echo "$kept$path"
                end
            case :folders
                for path in (__fish_complete_directories "$value" '')
                    echo "$kept$path"
                end
            case '*'
                echo $line
        end
    end
end
complete -c pvhctl -e
complete -c pvhctl -f -a '(__pvhctl_candidates)'
)sh";

std::string_view script_for(const std::string& shell) {
    if (shell == "zsh") return kZsh;
    return shell == "fish" ? kFish : kBash;
}

} // namespace

void setup_completion(::CLI::App& app, Context& context) {
    auto shell = std::make_shared<std::string>("bash");
    ::CLI::App* sub = app.add_subcommand("completion", "Print the completion of bash, zsh or fish");
    sub->add_option("SHELL", *shell, "bash, zsh or fish")
        ->check(::CLI::IsMember({"bash", "zsh", "fish"}))
        ->capture_default_str();
    sub->footer("An installed pvhctl has it in place; this is for one that runs from elsewhere.\n"
                "Names of domains are those of the moment, if pvhd can be asked.");
    add_examples(*sub, kItself,
                 {"source <(pvhctl completion bash)", "source <(pvhctl completion zsh)",
                  "pvhctl completion fish | source"});
    sub->callback([shell, &context] {
        const std::string_view script = script_for(*shell);
        print_line(context, script.substr(0, script.size() - 1));
    });
}

} // namespace pvh::cli
