// SPDX-License-Identifier: LGPL-2.1-or-later
#pragma once

#include "libdomain/core/error.h"
#include "rpc/client.h"
#include "rpc/messages.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace pvh::cli {

/// A console as pvhconsoled gave it: from here on bytes.
struct AttachedConsole {
    rpc::ConsoleAttachResult answer;
    rpc::RawConnection stream;
};

/// The way to the daemon, and to pvhconsoled; tests put their own answers behind it.
class Connection {
  public:
    virtual ~Connection() = default;
    /// Throws what the daemon reports, or DaemonUnreachable.
    virtual nlohmann::json call(std::string_view method, const nlohmann::json& params) = 0;
    /// As call() for each of these, side by side where that can be; what each came to is handed out
    /// as it is known.
    virtual void call_each(std::string_view method, const std::vector<nlohmann::json>& params,
                           const std::function<void(std::size_t, rpc::Client::Outcome)>& take);
    /// The params of the next notification `name`, waited for. Throws rpc::ConnectionLost.
    virtual nlohmann::json next_notification(std::string_view name) = 0;

    /// From here on call() throws Errc::timeout when there is no answer in time.
    virtual void set_patience(std::chrono::milliseconds /*patience*/) {}

    /// The next call connects anew.
    virtual void hang_up() = 0;
    /// Throws what pvhconsoled reports, or not_found if it does not run.
    virtual AttachedConsole attach(const rpc::ConsoleAttachParams& params) = 0;

  protected:
    Connection() = default;
    Connection(const Connection&) = default;
    Connection& operator=(const Connection&) = default;
    Connection(Connection&&) = default;
    Connection& operator=(Connection&&) = default;
};

/// Nobody serves the socket: a fault of its own, for a missing domain is also "not found".
class DaemonUnreachable : public Error {
  public:
    explicit DaemonUnreachable(const Error& cause) : Error{cause} {}
};

/// Connects at the first call, so that --help and a typo need no daemon; once.
class SocketConnection : public Connection {
  public:
    nlohmann::json call(std::string_view method, const nlohmann::json& params) override;
    void call_each(std::string_view method, const std::vector<nlohmann::json>& params,
                   const std::function<void(std::size_t, rpc::Client::Outcome)>& take) override;
    nlohmann::json next_notification(std::string_view name) override;

    void hang_up() override { client_.reset(); }

    AttachedConsole attach(const rpc::ConsoleAttachParams& params) override;

    void set_patience(std::chrono::milliseconds patience) override { patience_ = patience; }

    void set_path(std::string path) { path_ = std::move(path); }

  private:
    rpc::Client& client();

    std::string path_ = rpc::kDefaultSocket;
    rpc::Client::Timeout patience_;
    std::optional<rpc::Client> client_;
};

/// The answer to `method` as one of rpc/messages.h.
template <class Result> Result read_as(std::string_view method, const nlohmann::json& answer) {
    try {
        return answer.get<Result>();
    } catch (const std::exception& e) { // nlohmann's own types, and InvalidParams of rpc/
        throw Error{Errc::internal,
                    "pvhd's answer to " + std::string{method} + " makes no sense: " + e.what()}
            .with_hint("pvhctl and pvhd may be of different versions: compare pvhctl version");
    }
}

/// Calls, and reads the answer.
template <class Result>
Result call_as(Connection& daemon, std::string_view method, const nlohmann::json& params) {
    return read_as<Result>(method, daemon.call(method, params));
}

} // namespace pvh::cli
