// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "cli/context.h"
#include "config/check_config.h"
#include "libdomain/spec/domain_spec.h"
#include "rpc/messages.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pvh::cli {

/// The text of a config: a regular file; "-" for standard input; /dev/null for none, where all of
/// it is on the command line. At most 1 MiB. Throws Errc::not_found, permission_denied or
/// invalid_config.
std::string read_config_text(const std::string& path);

/// Whether the text is no config but JSON: no text in the language of xl.cfg begins with a brace.
bool is_json(std::string_view text);

/// The spec in such a text: an object of its own, or the member "spec" of what plan prints. Throws
/// Errc::invalid_config. It is not validated.
DomainSpec read_json_spec(const std::string& text, const std::string& name);

/// Warnings of lines that are not UTF-8, a handful at most. JSON carries nothing else: on its way
/// to the daemon such bytes become U+FFFD. That matters in a path, not in a comment.
std::vector<config::Complaint> complaints_about_bytes(const std::string& text,
                                                      const std::string& name);

/// A domain as a command line describes it: the text of a config with what overrides it, or a spec.
struct Description {
    std::optional<std::string> config;
    std::optional<rpc::Strictly<DomainSpec>> spec;
    std::string name; // of the file, for messages
    std::vector<std::string> overrides;
};

/// Throws CLI::ValidationError for one that is no KEY=VALUE.
void require_assignments(const std::vector<std::string>& overrides);

/// Reads the file, and prints warnings about its bytes. Throws as read_config_text, read_json_spec
/// and require_assignments.
Description read_description(const std::string& file, const std::vector<std::string>& overrides,
                             Context& context);

/// What messages call it.
std::string config_display_name(const std::string& path);

/// The folder that relative paths in a config start from: where pvhctl was started, as with xl.
std::string current_directory();

} // namespace pvh::cli
