// SPDX-License-Identifier: LGPL-2.1-or-later
// The client's end of the socket: connect, call, get an answer or an Error. Blocking; one call at a
// time.
#pragma once

#include "libdomain/core/error.h"
#include "libdomain/core/unique_handle.h"
#include "rpc/framing.h"
#include "rpc/limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::rpc {

/// The other end went away; what was asked may have been done.
class ConnectionLost : public Error {
  public:
    explicit ConnectionLost(const Error& cause) : Error{cause} {}
};

/// A connection whose requests are over, and what was read of it beyond the last answer.
struct RawConnection {
    UniqueFd socket;
    std::string first_bytes;
};

/// One connection to pvhd, or to pvhconsoled. Not for several threads at once.
class Client {
  public:
    using Timeout = std::optional<std::chrono::milliseconds>;

    /// Connects. Throws, each with a hint: not_found (nobody serves the socket), permission_denied
    /// (no rights on it), internal (anything else).
    explicit Client(const std::string& socket_path = kDefaultSocket,
                    std::string_view program = "pvhd");

    /// Sends one request and waits for its answer; `params` is an object (any message struct
    /// converts). Throws the daemon's error with its code, hint and stage; timeout; or internal if
    /// the connection breaks or the answer makes no sense. After a timeout or a broken connection
    /// the client is of no more use.
    nlohmann::json call(std::string_view method, const nlohmann::json& params,
                        Timeout timeout = std::nullopt);

    /// What one of several calls came to.
    using Outcome = std::variant<nlohmann::json, Error>;

    /// Asks `method` once for each of these, side by side, and hands out what each came to as the
    /// answers come. Throws as call() where it is not one call that failed.
    void call_each(std::string_view method, const std::vector<nlohmann::json>& params,
                   const std::function<void(std::size_t, Outcome)>& take);

    /// The params of the next notification `name`, waited for. Those that come while an answer is
    /// waited for are kept. Throws ConnectionLost.
    nlohmann::json next_notification(std::string_view name);

    /// The connection as a stream of bytes; the client is of no more use.
    [[nodiscard]] RawConnection release();

  private:
    using Deadline = std::optional<std::chrono::steady_clock::time_point>;

    /// The answer to a request of these numbers, with its number.
    std::pair<std::int64_t, Outcome> receive_answer(std::string_view method, std::int64_t first,
                                                    std::int64_t last, Deadline deadline);

    void keep_notification(const nlohmann::json& message);
    [[nodiscard]] Error unreadable(std::string_view method, std::string_view why) const;
    [[nodiscard]] ConnectionLost connection_lost(std::string_view doing, int error) const;
    void send_line(std::string_view line, Deadline deadline);
    std::string receive_line(Deadline deadline);
    void wait_for(short events, Deadline deadline);

    std::string program_;
    UniqueFd socket_;
    LineSplitter lines_{kMaxReply};
    std::int64_t last_id_{0};
    std::deque<nlohmann::json> notifications_; // not yet asked for
};

} // namespace pvh::rpc
