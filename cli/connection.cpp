// SPDX-License-Identifier: LGPL-2.1-or-later
#include "cli/connection.h"

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

} // namespace pvh::cli
