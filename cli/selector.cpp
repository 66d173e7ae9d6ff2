// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/selector.h"

#include "libdomain/core/error.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

/// DOMID_FIRST_RESERVED: above it are Xen's own names for "self", "io" and the like.
/// [xen/include/public/xen.h]
constexpr unsigned kFirstReserved = 0x7FF0;

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::uint16_t parse_domid(const std::string& text) {
    unsigned domid = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), domid);
    if (parsed.ec != std::errc{} || domid >= kFirstReserved)
        throw Error{Errc::not_found, fmt::format("no domain can have the number {}", text)};
    return static_cast<std::uint16_t>(domid);
}

} // namespace

rpc::Selector parse_selector(const std::string& argument) {
    if (is_number(argument)) return {.uuid = {}, .name = {}, .domid = parse_domid(argument)};
    if (const auto uuid = parse_uuid(argument)) return {.uuid = uuid, .name = {}, .domid = {}};
    return {.uuid = {}, .name = argument, .domid = {}};
}

rpc::Selector select_domid(const rpc::Identity& domain) {
    return {.uuid = {}, .name = {}, .domid = domain.domid};
}

} // namespace pvh::cli
