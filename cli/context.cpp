// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/context.h"

#include "cli/escape.h"
#include "cli/exit_status.h"

#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace pvh::cli {

namespace {

/// Whether the text is what config/ renders: each complaint with its place and the line it is
/// about.
bool is_config_report(const Error& error) {
    return error.code() == Errc::invalid_config &&
           std::string_view{error.what()}.find(": error: ") != std::string_view::npos;
}

int status_of(const Error& error) {
    return dynamic_cast<const DaemonUnreachable*>(&error) != nullptr ? kNoDaemon
                                                                     : exit_status(error.code());
}

std::string_view code_of(Colour colour) {
    switch (colour) {
    case Colour::red:
        return "\033[31m";
    case Colour::yellow:
        return "\033[33m";
    case Colour::green:
        return "\033[32m";
    }
    return "";
}

std::string coloured(Colour colour, std::string_view text) {
    return fmt::format("{}{}\033[0m", code_of(colour), escape_controls(text));
}

void print_failure(Context& context, std::string_view message) {
    if (!context.has_colours || !context.err_is_terminal)
        return print_note(context, fmt::format("{}{}", context.prefix, message));
    context.err << coloured(Colour::red, context.prefix) << escape_controls(message) << '\n';
}

} // namespace

void print_marked(Context& context, Colour colour, std::string_view mark, std::string_view rest) {
    if (!context.has_colours || !context.out_is_terminal)
        return print_line(context, fmt::format("{}{}", mark, rest));
    context.out << coloured(colour, mark) << escape_controls(rest) << '\n';
}

void print_line(Context& context, std::string_view text) {
    context.out << (context.out_is_terminal ? escape_controls(text) : std::string{text}) << '\n';
}

void print_header(Context& context, std::string_view titles) {
    if (context.has_headers) print_line(context, titles);
}

void print_note(Context& context, std::string_view text) {
    context.err << (context.err_is_terminal ? escape_controls(text) : std::string{text}) << '\n';
}

void print_json(Context& context, const nlohmann::json& value) {
    context.out << value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

void print_error(Context& context, const Error& error) {
    if (is_config_report(error)) {
        print_note(context, error.what());
        return print_failure(context, "the config was not accepted");
    }
    print_failure(context, error.what());
    if (!error.stage().empty()) print_note(context, fmt::format("stage: {}", error.stage()));
    if (!error.hint().empty()) print_note(context, fmt::format("hint: {}", error.hint()));
}

void fail_with(Context& context, const Error& error) {
    print_error(context, error);
    if (context.status == kSuccess) context.status = status_of(error);
}

} // namespace pvh::cli
