// SPDX-License-Identifier: LGPL-2.1-or-later
// What a command's help has beside its options: its place in the overview, and examples.
#pragma once

#include <initializer_list>
#include <string_view>

#include <CLI/App.hpp>

namespace pvh::cli {

// The groups of the overview, in its order.
inline constexpr const char* kStarting = "Start and end domains";
inline constexpr const char* kLooking = "Look, and wait";
inline constexpr const char* kResources = "Memory and CPUs";
inline constexpr const char* kDevices = "Disks, interfaces, channels";
inline constexpr const char* kJobs = "Jobs";
inline constexpr const char* kHost = "The host";
inline constexpr const char* kDebugging = "Debug a guest";
inline constexpr const char* kItself = "About pvhctl";
inline constexpr const char* kGroups[] = {kStarting, kLooking, kResources, kDevices,
                                          kJobs,     kHost,    kDebugging, kItself};

/// Puts `command` into a group, and examples below its help; its footer has been set before. A line
/// is a command as a shell takes it, and "# " before it says what it is for.
void add_examples(::CLI::App& command, const char* group,
                  std::initializer_list<std::string_view> lines);

} // namespace pvh::cli
