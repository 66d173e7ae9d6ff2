// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/protocol_error.h"

#include <utility>

namespace pvh::rpc {

Errc errc_of_reserved(int rpc_code) {
    switch (rpc_code) {
    case kMethodNotFound:
        return Errc::unsupported;
    case kInvalidParams:
        return Errc::invalid_config;
    default:
        return Errc::internal;
    }
}

ProtocolError::ProtocolError(int rpc_code, std::string what)
    : Error{errc_of_reserved(rpc_code), std::move(what)}, rpc_code_{rpc_code} {}

} // namespace pvh::rpc
