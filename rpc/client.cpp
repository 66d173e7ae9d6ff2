// SPDX-License-Identifier: LGPL-2.1-or-later
#include "rpc/client.h"

#include "rpc/error_object.h"
#include "rpc/protocol_error.h"
#include "rpc/unix_address.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pvh::rpc {

namespace {

Error connect_failed(const std::string& path, std::string_view program, int error) {
    const std::string what = fmt::format("connect to {} at {}", program, path);
    if (error == ENOENT || error == ECONNREFUSED)
        return Error{Errc::not_found, what, error}.with_hint(
            fmt::format("is {0} running? Start it as root in dom0: {0}", program));
    if (error == EACCES || error == EPERM)
        return Error{Errc::permission_denied, what, error}.with_hint(
            "become root, or have an administrator add you to the group pvh and log in again");
    return Error{Errc::internal, what, error};
}

UniqueFd connect_to(const std::string& path, std::string_view program) {
    const sockaddr_un address = unix_address(path);
    UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!fd) throw Error{Errc::internal, "create a socket", errno};
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw connect_failed(path, program, errno);
    return fd;
}

std::string make_request(std::int64_t id, std::string_view method, const nlohmann::json& params) {
    const nlohmann::json request{
        {"jsonrpc", "2.0"}, {"id", id}, {"method", method}, {"params", params}};
    return request.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

/// The number of the request that a line answers; nothing for a notification.
std::optional<std::int64_t> number_of(const nlohmann::json& reply) {
    if (!reply.is_object()) return std::nullopt;
    const auto id = reply.find("id");
    if (id == reply.end()) return std::nullopt;
    // An error without an id is about the line or the connection, so about us.
    if (id->is_null() && reply.contains("error")) throw from_error_object(reply.at("error"));
    return id->is_number_integer() ? std::optional{id->get<std::int64_t>()} : std::nullopt;
}

/// What a service answered with. One that does not know a method is older than its client.
Error error_of(const nlohmann::json& object, const std::string& program) {
    Error error = from_error_object(object);
    const bool is_older =
        object.is_object() && object.value("code", nlohmann::json{}) == kMethodNotFound;
    if (is_older && error.hint().empty())
        error.with_hint(
            fmt::format("{} seems to be older than pvhctl: was it restarted when both were "
                        "upgraded? pvhctl version tells",
                        program));
    return error;
}

} // namespace

Client::Client(const std::string& socket_path, std::string_view program)
    : program_{program}, socket_{connect_to(socket_path, program)} {}

RawConnection Client::release() {
    return {.socket = std::move(socket_), .first_bytes = lines_.take_rest()};
}

nlohmann::json Client::call(std::string_view method, const nlohmann::json& params,
                            Timeout timeout) {
    const Deadline deadline =
        timeout ? Deadline{std::chrono::steady_clock::now() + *timeout} : std::nullopt;
    const std::int64_t id = ++last_id_;
    send_line(make_request(id, method, params), deadline);
    Outcome outcome = receive_answer(method, id, id, deadline).second;
    if (auto* error = std::get_if<Error>(&outcome)) throw *error;
    return std::get<nlohmann::json>(std::move(outcome));
}

void Client::call_each(std::string_view method, const std::vector<nlohmann::json>& params,
                       const std::function<void(std::size_t, Outcome)>& take) {
    const std::int64_t first = last_id_ + 1;
    for (std::size_t asked = 0, answered = 0; answered < params.size(); ++answered) {
        while (asked < params.size() && asked - answered < kMaxInFlight)
            send_line(make_request(++last_id_, method, params[asked++]), std::nullopt);
        auto [id, outcome] = receive_answer(method, first, last_id_, std::nullopt);
        take(static_cast<std::size_t>(id - first), std::move(outcome));
    }
}

std::pair<std::int64_t, Client::Outcome> Client::receive_answer(std::string_view method,
                                                                std::int64_t first,
                                                                std::int64_t last,
                                                                Deadline deadline) {
    for (;;) {
        const auto reply = nlohmann::json::parse(receive_line(deadline), nullptr, false);
        if (reply.is_discarded()) throw unreadable(method, "it is no JSON");
        const auto id = number_of(reply);
        if (!id) keep_notification(reply);
        if (!id || *id < first || *id > last) continue;
        if (reply.contains("error")) return {*id, error_of(reply.at("error"), program_)};
        if (!reply.contains("result")) throw unreadable(method, "it has neither result nor error");
        return {*id, reply.at("result")};
    }
}

ConnectionLost Client::connection_lost(std::string_view doing, int error) const {
    const std::string what = fmt::format("connection to {} broke while {}", program_, doing);
    const Error lost =
        error == 0 ? Error{Errc::internal, what} : Error{Errc::internal, what, error};
    return ConnectionLost{Error{lost}.with_hint("its log may say why")};
}

nlohmann::json Client::next_notification(std::string_view name) {
    for (;;) {
        while (!notifications_.empty()) {
            const nlohmann::json message = std::move(notifications_.front());
            notifications_.pop_front();
            if (message.at("method") == name)
                return message.value("params", nlohmann::json::object());
        }
        const auto message = nlohmann::json::parse(receive_line(std::nullopt), nullptr, false);
        if (message.is_discarded()) throw unreadable(name, "it is no JSON");
        keep_notification(message);
    }
}

void Client::keep_notification(const nlohmann::json& message) {
    if (message.is_object() && message.contains("method")) notifications_.push_back(message);
}

Error Client::unreadable(std::string_view method, std::string_view why) const {
    return Error{Errc::internal,
                 fmt::format("{}'s answer to {} makes no sense: {}", program_, method, why)}
        .with_hint("pvhctl and pvhd may be of different versions: compare pvhctl version");
}

void Client::send_line(std::string_view line, Deadline deadline) {
    while (!line.empty()) {
        const ssize_t sent =
            ::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0)
            line.remove_prefix(static_cast<std::size_t>(sent));
        else if (errno == EAGAIN)
            wait_for(POLLOUT, deadline);
        else if (errno == EPIPE || errno == ECONNRESET)
            return; // it may have said why before it closed: let the reader find it
        else if (errno != EINTR)
            throw connection_lost("sending a request", errno);
    }
}

std::string Client::receive_line(Deadline deadline) {
    std::array<char, 16UL * 1024> chunk{};
    for (;;) {
        if (auto line = lines_.next()) return *std::move(line);
        wait_for(POLLIN, deadline);
        const ssize_t got = ::recv(socket_.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (got > 0)
            lines_.append({chunk.data(), static_cast<std::size_t>(got)});
        else if (got == 0)
            throw connection_lost("waiting for an answer", 0);
        else if (errno != EAGAIN && errno != EINTR)
            throw connection_lost("waiting for an answer", errno);
    }
}

void Client::wait_for(short events, Deadline deadline) {
    pollfd wanted{.fd = socket_.get(), .events = events, .revents = 0};
    for (;;) {
        int wait_ms = -1;
        if (deadline) {
            const auto left = std::chrono::ceil<std::chrono::milliseconds>(
                *deadline - std::chrono::steady_clock::now());
            if (left.count() <= 0)
                throw Error{Errc::timeout, program_ + " did not answer in time"}.with_hint(
                    "it may still carry the request out: look with pvhctl list");
            wait_ms = static_cast<int>(
                std::min<std::int64_t>(left.count(), std::numeric_limits<int>::max()));
        }
        const int ready = ::poll(&wanted, 1, wait_ms);
        if (ready > 0) return;
        if (ready < 0 && errno != EINTR) throw connection_lost("waiting", errno);
    }
}

} // namespace pvh::rpc
