// SPDX-License-Identifier: LGPL-2.1-or-later
// What a look at the host has found: system.doctor's words.   [rpc/protocol.md, "system.doctor"]
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pvh::doctor {

enum class Status {
    ok,
    warn, // domains can be created; something else is not as it should be
    fail, // domains cannot be created, or not watched over
};

constexpr std::string_view to_string(Status status) {
    switch (status) {
    case Status::ok:
        return "ok";
    case Status::warn:
        return "warn";
    case Status::fail:
        return "fail";
    }
    return "fail";
}

struct Check {
    std::string name; // a stable word, never used for anything else
    Status status{};
    std::string message; // what was seen
    std::string hint;    // what to do about it; empty if ok
};

using Checks = std::vector<Check>;

inline Check ok(std::string name, std::string message) {
    return {std::move(name), Status::ok, std::move(message), {}};
}

inline Check warn(std::string name, std::string message, std::string hint) {
    return {std::move(name), Status::warn, std::move(message), std::move(hint)};
}

inline Check fail(std::string name, std::string message, std::string hint) {
    return {std::move(name), Status::fail, std::move(message), std::move(hint)};
}

} // namespace pvh::doctor
