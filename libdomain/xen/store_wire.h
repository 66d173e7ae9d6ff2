// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/unique_handle.h"

#include <cerrno> // before Xen's header, which only then names the errors
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern "C" {
#include <xen/io/xs_wire.h>
}

namespace pvh::xen {

/// A connection to xenstored on which requests need not wait for each other's answers. libxenstore
/// has one request under way at a time: the nodes of a domain, 60 requests, then cost 60 changes
/// between two processes and back. No watches: what it receives is answers, in the order of the
/// requests. For one thread at a time.   [xen docs/misc/xenstore.txt; public/io/xs_wire.h]
class StoreWire {
  public:
    struct Request {
        xsd_sockmsg_type type{};
        std::string payload; // zero-terminated strings, as the type has them
    };

    struct Answer {
        int error{}; // 0, or an errno
        std::string payload;
    };

    /// Throws Errc::xenstore_error, or permission_denied, if nobody answers at libxenstore's
    /// socket.
    StoreWire();

    /// One answer for each. Throws Errc::xenstore_error if a request is larger than xenstored
    /// takes, before any is sent, and if the connection ends or what comes is no answer to them: a
    /// new one is made for the next that is outside of transactions, which end with the old one.
    std::vector<Answer> ask(std::uint32_t transaction, std::span<const Request> requests);

    Answer ask(std::uint32_t transaction, Request request) {
        return std::move(ask(transaction, std::span{&request, 1}).front());
    }

  private:
    void require_connection(std::uint32_t transaction);
    void hang_up() noexcept;
    void send(std::string_view bytes);
    void receive(std::span<char> bytes);
    Answer take_answer(std::uint32_t id, xsd_sockmsg_type type);

    UniqueFd socket_;
    std::uint32_t last_id_{0};
    std::vector<char> received_;
    std::size_t taken_{0}; // of received_
};

} // namespace pvh::xen
