// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/exit_status.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace pvh::cli {

namespace {

struct StatusRow {
    int status;
    std::optional<Errc> code; // none: not the daemon's to report
    std::string_view meaning;
};

// Numbers are never reused: they are what scripts were written against.
constexpr std::array<StatusRow, 20> kRows{{
    {kSuccess, {}, "done"},
    {1, Errc::internal, "anything else went wrong"},
    {kUsage, {}, "the command line is wrong"},
    {3, Errc::not_found, "no such domain or file"},
    {4, Errc::already_exists, "the name or UUID is taken"},
    {5, Errc::bad_state, "the domain's state does not allow it"},
    {6, Errc::busy, "another operation on the domain is under way"},
    {7, Errc::invalid_config, "a config, or a value, was not accepted"},
    {8, Errc::invalid_kernel, "the kernel or ramdisk cannot be booted"},
    {9, Errc::no_memory, "the host has not enough memory"},
    {10, Errc::permission_denied, "not allowed"},
    {11, Errc::timeout, "it took too long"},
    {12, Errc::cancelled, "cancelled"},
    {13, Errc::unsupported, "this release or host cannot do it"},
    {14, Errc::conflict, "something changed meanwhile"},
    {15, Errc::xen_error, "Xen refused"},
    {16, Errc::xenstore_error, "xenstore refused"},
    {kNoDaemon, {}, "pvhd, or pvhconsoled for a console, cannot be reached"},
    {18, Errc::events_lost, "events from there on are no longer kept"},
    {19, Errc::device_failed, "a device's script, QEMU or backend failed"},
}};

} // namespace

int exit_status(Errc code) {
    const auto* row = std::find_if(kRows.begin(), kRows.end(),
                                   [&](const StatusRow& r) { return r.code == code; });
    return row != kRows.end() ? row->status : 1;
}

std::string describe_exit_statuses() {
    std::string text = "Exit status:\n";
    for (const StatusRow& row : kRows)
        text += fmt::format("  {:>5}  {}\n", row.status, row.meaning);
    return text + "  128+n  ended by signal n";
}

} // namespace pvh::cli
