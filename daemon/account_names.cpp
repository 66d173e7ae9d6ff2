// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/account_names.h"

#include <cerrno>
#include <charconv>
#include <vector>

#include <grp.h>
#include <pwd.h>

namespace pvh::daemon {

namespace {

/// A group with thousands of members does not fit a page.
constexpr std::size_t kMostBytes = 16UL * 1024 * 1024;

std::optional<unsigned> number_in(const std::string& text) {
    unsigned number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    // The greatest is chown's "leave it".
    if (failure != std::errc{} || end != text.data() + text.size() || number == ~0U)
        return std::nullopt;
    return number;
}

/// `look_up` is getpwnam_r or getgrnam_r.
template <class Entry, class LookUp>
std::optional<Entry> find_entry(const std::string& name, LookUp look_up) {
    Entry entry{};
    Entry* found = nullptr;
    std::vector<char> strings(4096);
    while (look_up(name.c_str(), &entry, strings.data(), strings.size(), &found) == ERANGE &&
           strings.size() < kMostBytes)
        strings.resize(strings.size() * 4);
    return found == nullptr ? std::nullopt : std::optional{entry};
}

} // namespace

std::optional<uid_t> find_user(const std::string& name) {
    if (const auto number = number_in(name)) return number;
    const auto entry = find_entry<::passwd>(name, ::getpwnam_r);
    return entry ? std::optional{entry->pw_uid} : std::nullopt;
}

std::optional<gid_t> find_group(const std::string& name) {
    if (const auto number = number_in(name)) return number;
    const auto entry = find_entry<::group>(name, ::getgrnam_r);
    return entry ? std::optional{entry->gr_gid} : std::nullopt;
}

} // namespace pvh::daemon
