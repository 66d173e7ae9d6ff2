// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/core/error.h"

#include <array>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace pvh {

namespace {

constexpr std::array<std::string_view, kErrcs> kNames{
    "not_found",         "already_exists", "bad_state",      "busy",
    "no_memory",         "invalid_config", "invalid_kernel", "unsupported",
    "permission_denied", "timeout",        "cancelled",      "xen_error",
    "xenstore_error",    "conflict",       "internal",       "events_lost",
    "device_failed",
};

std::string with_errno(std::string_view what, int sys_errno) {
    const char* name = strerrorname_np(sys_errno);
    return fmt::format("{}: {} ({})", what,
                       strerrordesc_np(sys_errno) != nullptr ? strerrordesc_np(sys_errno)
                                                             : "unknown error",
                       name != nullptr ? name : fmt::format("errno {}", sys_errno).c_str());
}

} // namespace

std::string_view to_string(Errc code) {
    return kNames.at(static_cast<std::size_t>(code));
}

Error::Error(Errc code, std::string what)
    : std::runtime_error{""}, code_{code}, text_{std::move(what)} {}

Error::Error(Errc code, std::string_view what, int sys_errno)
    : std::runtime_error{""}, code_{code}, sys_errno_{sys_errno}, text_{with_errno(what,
                                                                                   sys_errno)} {}

Error& Error::add_context(std::string_view context) {
    text_ = fmt::format("{}: {}", context, text_);
    return *this;
}

Error& Error::with_hint(std::string hint) & {
    hint_ = std::move(hint);
    return *this;
}

Error Error::with_hint(std::string hint) && {
    hint_ = std::move(hint);
    return std::move(*this);
}

Error& Error::at_stage(std::string_view stage) {
    if (stage_.empty()) stage_ = stage;
    return *this;
}

} // namespace pvh
