// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/connection.h"

#include "rpc/messages_json.h"
#include "rpc/unix_address.h"

#include <chrono>

namespace pvh::cli {

namespace {

rpc::Client connect(const std::string& path) {
    try {
        return rpc::Client{path};
    } catch (const Error& e) {
        if (e.code() == Errc::not_found) throw DaemonUnreachable{e};
        throw;
    }
}

} // namespace

nlohmann::json SocketConnection::call(std::string_view method, const nlohmann::json& params) {
    if (!client_) client_.emplace(connect(path_));
    return client_->call(method, params);
}

AttachedConsole SocketConnection::attach(const rpc::ConsoleAttachParams& params) {
    rpc::Client client{rpc::console_socket_beside(path_), "pvhconsoled"};
    constexpr const char* kMethod = "console.attach";
    constexpr std::chrono::seconds kPatience{10}; // it answers at once, or is stopped
    auto answer =
        read_as<rpc::ConsoleAttachResult>(kMethod, client.call(kMethod, params, kPatience));
    return {.answer = std::move(answer), .stream = client.release()};
}

} // namespace pvh::cli
