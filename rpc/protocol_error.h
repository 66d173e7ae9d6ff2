// SPDX-License-Identifier: LGPL-2.1-or-later
// What is wrong with a message, as opposed to with what it asks for.
#pragma once

#include "libdomain/core/error.h"

#include <string>

namespace pvh::rpc {

/// Codes that JSON-RPC 2.0 reserves.   [https://www.jsonrpc.org/specification, section 5.1]
inline constexpr int kParseError = -32700;
inline constexpr int kInvalidRequest = -32600;
inline constexpr int kMethodNotFound = -32601;
inline constexpr int kInvalidParams = -32602;

/// A message that breaks the protocol, with its reserved code.
class ProtocolError : public Error {
  public:
    ProtocolError(int rpc_code, std::string what);

    [[nodiscard]] int rpc_code() const noexcept { return rpc_code_; }

  private:
    int rpc_code_;
};

/// Parameters that a method does not take: unknown, missing, of the wrong type or out of range.
class InvalidParams : public ProtocolError {
  public:
    explicit InvalidParams(std::string what) : ProtocolError{kInvalidParams, std::move(what)} {}
};

/// The Errc by which pvhctl maps a reserved code to an exit status: an unknown method is
/// `unsupported`, wrong parameters are `invalid_config`, the rest is `internal`.
Errc errc_of_reserved(int rpc_code);

} // namespace pvh::rpc
