// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/connection.h"

#include "rpc/messages_json.h"
#include "rpc/unix_address.h"

#include <chrono>

namespace pvh::cli {

namespace {

rpc::Client connect(const std::string& path, const char* service) {
    try {
        return rpc::Client{path, service};
    } catch (const Error& e) {
        if (e.code() == Errc::not_found) throw DaemonUnreachable{e};
        throw;
    }
}

} // namespace

void Connection::call_each(std::string_view method, const std::vector<nlohmann::json>& params,
                           const std::function<void(std::size_t, rpc::Client::Outcome)>& take) {
    for (std::size_t i = 0; i < params.size(); ++i) {
        std::optional<rpc::Client::Outcome> outcome;
        try {
            outcome = call(method, params[i]);
        } catch (const DaemonUnreachable&) {
            throw;
        } catch (const Error& e) {
            outcome = e;
        }
        take(i, *std::move(outcome));
    }
}

rpc::Client& SocketConnection::client() {
    if (!client_) client_.emplace(connect(path_, "pvhd"));
    return *client_;
}

nlohmann::json SocketConnection::call(std::string_view method, const nlohmann::json& params) {
    return client().call(method, params, patience_);
}

void SocketConnection::call_each(
    std::string_view method, const std::vector<nlohmann::json>& params,
    const std::function<void(std::size_t, rpc::Client::Outcome)>& take) {
    client().call_each(method, params, take);
}

nlohmann::json SocketConnection::next_notification(std::string_view name) {
    return client().next_notification(name);
}

AttachedConsole SocketConnection::attach(const rpc::ConsoleAttachParams& params) {
    rpc::Client client = connect(rpc::console_socket_beside(path_), "pvhconsoled");
    constexpr const char* kMethod = "console.attach";
    constexpr std::chrono::seconds kPatience{10}; // it answers at once, or is stopped
    auto answer =
        read_as<rpc::ConsoleAttachResult>(kMethod, client.call(kMethod, params, kPatience));
    return {.answer = std::move(answer), .stream = client.release()};
}

} // namespace pvh::cli
