// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/config_file.h"

#include "cli/escape.h"
#include "config/limits.h"
#include "libdomain/core/error.h"
#include "libdomain/core/file.h"
#include "rpc/parse.h"
#include "rpc/protocol_error.h"
#include "rpc/spec_json.h"

#include <array>
#include <cerrno>
#include <filesystem>
#include <sstream>
#include <system_error>

#include <CLI/Error.hpp>
#include <fmt/format.h>
#include <unistd.h>

namespace pvh::cli {

namespace {

std::string read_standard_input() {
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error{Errc::internal, "read the config from standard input", errno};
        if (got == 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(got));
        if (text.size() > config::kMaxText)
            throw Error{Errc::invalid_config,
                        fmt::format("the config on standard input has more than {} bytes",
                                    config::kMaxText)};
    }
}

} // namespace

std::string read_config_text(const std::string& path) {
    if (path == "-") return read_standard_input();
    if (path == "/dev/null") return {};
    const Bytes bytes = read_regular_file(path, config::kMaxText, "config");
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool is_json(std::string_view text) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3); // a byte-order mark
    const auto first = text.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && text[first] == '{';
}

DomainSpec read_json_spec(const std::string& text, const std::string& name) {
    try {
        const auto mark = text.starts_with("\xef\xbb\xbf") ? std::size_t{3} : std::size_t{0};
        const nlohmann::json json = rpc::parse_untrusted(std::string_view{text}.substr(mark));
        const bool is_plan = json.contains("spec") && json.contains("memory_map");
        return rpc::read_spec_strictly(is_plan ? json.at("spec") : json);
    } catch (const rpc::ProtocolError& e) {
        throw Error{Errc::invalid_config, fmt::format("{}: {}", name, e.what())};
    }
}

std::vector<config::Complaint> complaints_about_bytes(const std::string& text,
                                                      const std::string& name) {
    constexpr std::size_t kMostShown = 5;
    std::vector<config::Complaint> complaints;
    std::uint32_t number = 0;
    std::istringstream lines{text};
    for (std::string line; complaints.size() < kMostShown && std::getline(lines, line);) {
        ++number;
        if (!first_invalid_utf8(line)) continue;
        complaints.push_back({.is_error = false,
                              .is_only_this_release = false,
                              .file = name,
                              .place = {.line = number, .column = 1},
                              .message = "this line is not UTF-8, its odd bytes are replaced",
                              .hint = {}});
    }
    return complaints;
}

std::string config_display_name(const std::string& path) {
    return path == "-" ? "<stdin>" : path;
}

std::string current_directory() {
    std::error_code fault;
    const auto folder = std::filesystem::current_path(fault);
    if (fault) throw Error{Errc::internal, "find the current folder", fault.value()};
    return folder.string();
}

void require_assignments(const std::vector<std::string>& overrides) {
    for (const std::string& argument : overrides)
        if (argument.find('=') == std::string::npos)
            throw ::CLI::ValidationError("KEY=VALUE", fmt::format("{} has no \"=\"", argument));
}

Description read_description(const std::string& file, const std::vector<std::string>& overrides,
                             Context& context) {
    require_assignments(overrides);
    Description description{
        .config = {}, .spec = {}, .name = config_display_name(file), .overrides = overrides};
    std::string text = read_config_text(file);
    if (is_json(text)) {
        if (!overrides.empty()) throw ::CLI::ValidationError("KEY=VALUE", "a JSON spec takes none");
        description.spec = rpc::Strictly<DomainSpec>{read_json_spec(text, description.name)};
        return description;
    }
    for (const config::Complaint& complaint : complaints_about_bytes(text, description.name))
        print_note(context, fmt::format("{}:{}: warning: {}", description.name,
                                        complaint.place.line, complaint.message));
    description.config = std::move(text);
    return description;
}

} // namespace pvh::cli
