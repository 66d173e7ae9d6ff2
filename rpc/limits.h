// SPDX-License-Identifier: LGPL-2.1-or-later
// Numbers both ends of the socket agree on.   [rpc/protocol.md, "Limits"]
#pragma once

#include <chrono>
#include <cstddef>

namespace pvh::rpc {

inline constexpr const char* kDefaultSocket = "/run/pvhd/pvhd.sock";

inline constexpr const char* kDefaultConsoleSocket = "/run/pvhd/console.sock";

/// A request line without its LF.
inline constexpr std::size_t kMaxLine = 1024UL * 1024;
/// An answer that a client accepts; a list of some thousand domains fits many times.
inline constexpr std::size_t kMaxReply = 64UL * 1024 * 1024;
inline constexpr unsigned kMaxDepth = 32;
/// Values in one request: bounds what a line of commas costs in memory.
inline constexpr std::size_t kMaxValues = 64UL * 1024;
inline constexpr std::size_t kMaxBatch = 64;
inline constexpr std::size_t kMaxInFlight = 64;
/// Of all connections of one user together; root has no such limit.
inline constexpr std::size_t kMaxInFlightOfUser = 1024;
inline constexpr std::size_t kMaxConnections = 256;
/// Bytes waiting for a client that does not read; beyond that it is dropped.
inline constexpr std::size_t kMaxWriteQueue = 8UL * 1024 * 1024;
/// How long a started line may stay without its LF.
inline constexpr std::chrono::seconds kPartialLineTimeout{30};
/// How long one line to a client may take to leave.
inline constexpr std::chrono::seconds kWriteStallTimeout{30};
/// How long a connection may stay without a word once half of all connections are in use.
inline constexpr std::chrono::hours kIdleTimeout{1};

} // namespace pvh::rpc
