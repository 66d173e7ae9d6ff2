// SPDX-License-Identifier: LGPL-2.1-or-later
// A client without manners: sends any bytes. Every wait is bounded.
#pragma once

#include "libdomain/core/unique_handle.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pvh::test {

class RawClient {
  public:
    explicit RawClient(const std::string& path)
        : fd_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::copy(path.begin(), path.end(), std::begin(address.sun_path));
        if (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
            fd_.reset();
    }

    [[nodiscard]] bool is_open() const { return static_cast<bool>(fd_); }

    /// False once the other end is gone.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent < 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    /// As send, but gives up when the other end takes nothing for a moment.
    bool try_send(std::string_view bytes) {
        while (!bytes.empty()) {
            if (!wait(POLLOUT, std::chrono::milliseconds{500})) return false;
            const ssize_t sent =
                ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && errno != EAGAIN) return false;
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    bool request(const nlohmann::json& id, const std::string& method,
                 const nlohmann::json& params = nlohmann::json::object()) {
        const nlohmann::json request{
            {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
        return send(request.dump() + "\n");
    }

    /// The next line as JSON; nothing if the connection ended.
    std::optional<nlohmann::json> reply() {
        for (;;) {
            const auto end = buffer_.find('\n');
            if (end != std::string::npos) {
                const auto json = nlohmann::json::parse(buffer_.substr(0, end));
                buffer_.erase(0, end + 1);
                return json;
            }
            if (!receive()) return std::nullopt;
        }
    }

    /// Whether the other end hangs up before it says anything more.
    bool is_hung_up() { return !reply().has_value(); }

    nlohmann::json call(const std::string& method,
                        const nlohmann::json& params = nlohmann::json::object()) {
        request(0, method, params);
        for (;;) { // notifications may come between
            auto answer = reply();
            if (!answer) return nlohmann::json{{"error", "connection ended"}};
            if (!answer->contains("method")) return *std::move(answer);
        }
    }

    void half_close() { ::shutdown(fd_.get(), SHUT_WR); }

    void close() { fd_.reset(); }

  private:
    bool wait(short events, std::chrono::milliseconds patience) {
        pollfd wanted{.fd = fd_.get(), .events = events, .revents = 0};
        return ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
    }

    bool receive() {
        std::array<char, 64UL * 1024> chunk{};
        if (!wait(POLLIN, std::chrono::seconds{20})) return false;
        const ssize_t got = ::recv(fd_.get(), chunk.data(), chunk.size(), 0);
        if (got <= 0) return false;
        buffer_.append(chunk.data(), static_cast<std::size_t>(got));
        return true;
    }

    UniqueFd fd_;
    std::string buffer_;
};

} // namespace pvh::test
