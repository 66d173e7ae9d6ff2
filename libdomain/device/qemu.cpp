// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/device/qemu.h"

#include "libdomain/device/store_node.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace pvh::device {

bool is_served_by_qemu(const Address& device) {
    return device.backend == kDom0 && (device.kind == "qdisk" || device.kind == "9pfs");
}

std::vector<std::string> qemu_arguments(const std::string& program, DomId frontend) {
    const std::string domid = fmt::format("{}", frontend.value());
    return {program,       "-xen-domid",      domid,      "-xen-attach",
            "-name",       "domain-" + domid, "-machine", "xenpv",
            "-nodefaults", "-no-user-config", "-display", "none"};
}

std::optional<DomId> served_by(const std::vector<std::string>& arguments) {
    if (arguments.empty() || arguments.front().find("qemu") == std::string::npos)
        return std::nullopt;
    const auto option = std::find(arguments.begin(), arguments.end(), "-xen-domid");
    if (option == arguments.end() || option + 1 == arguments.end()) return std::nullopt;
    const std::string& text = *(option + 1);
    std::uint16_t domid = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), domid);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return DomId{domid};
}

std::string qemu_pid_path(DomId frontend) {
    return domain_path(frontend) + "/image/device-model-pid";
}

std::string qemu_notes_path(DomId frontend) {
    return fmt::format("{}/device-model/{}", domain_path(kDom0), frontend.value());
}

std::optional<std::string> failure_in(std::string_view output, const Address& device) {
    const std::size_t mark =
        output.find(fmt::format("failed to create '{}' device '{}'", device.kind, device.id));
    if (mark == std::string_view::npos) return std::nullopt;
    std::string_view line = output.substr(mark);
    line = line.substr(0, line.find('\n'));
    const std::size_t reason = line.find("': ");
    return std::string{reason == std::string_view::npos ? line : line.substr(reason + 3)};
}

} // namespace pvh::device
