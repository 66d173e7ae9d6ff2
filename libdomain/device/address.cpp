// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/address.h"

#include "libdomain/device/store_node.h"

#include <charconv>

#include <fmt/format.h>

namespace pvh::device {

namespace {

/// Takes what stands before the next slash off the front of `path`.
std::string_view take_part(std::string_view& path) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
    return part;
}

template <class T> std::optional<T> number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// Of the frontend: a guest does not see who serves its disks.
std::string_view frontend_kind(const Address& device) {
    return is_disk(device) ? std::string_view{"vbd"} : device.kind;
}

} // namespace

bool is_disk(const Address& device) {
    return device.kind == "vbd" || device.kind == "qdisk";
}

std::string frontend_path(const Address& device) {
    return fmt::format("{}/device/{}/{}", domain_path(device.frontend), frontend_kind(device),
                       device.id);
}

std::string backend_path(const Address& device) {
    return fmt::format("{}/backend/{}/{}/{}", domain_path(device.backend), device.kind,
                       device.frontend.value(), device.id);
}

std::string record_path(const Address& device) {
    return fmt::format("{}/device/{}/{}", record_path(device.frontend), frontend_kind(device),
                       device.id);
}

std::string error_path(const Address& device) {
    return fmt::format("{}/error/backend/{}/{}/{}", domain_path(device.backend), device.kind,
                       device.frontend.value(), device.id);
}

std::string interface_of(const Address& device) {
    return fmt::format("vif{}.{}", device.frontend.value(), device.id);
}

std::optional<Address> parse_backend_path(std::string_view path) {
    constexpr std::string_view kStart = "/local/domain/";
    if (!path.starts_with(kStart)) return std::nullopt;
    path.remove_prefix(kStart.size());
    const auto backend = number<std::uint16_t>(take_part(path));
    const std::string_view word = take_part(path);
    const std::string_view kind = take_part(path);
    const auto frontend = number<std::uint16_t>(take_part(path));
    const auto id = number<unsigned>(path);
    if (!backend || word != "backend" || kind.empty() || !frontend || !id) return std::nullopt;
    return Address{std::string{kind}, *id, DomId{*frontend}, DomId{*backend}};
}

XenbusState parse_state(std::string_view text) {
    const auto value = number<unsigned>(text);
    if (!value || *value > static_cast<unsigned>(XenbusState::closed)) return XenbusState::unknown;
    return static_cast<XenbusState>(*value);
}

} // namespace pvh::device
