// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/xen/store_wire.h"

#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/xen/xen_headers.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

namespace pvh::xen {

namespace {

// What is under way at once: xenstored keeps the answers until they are read.
constexpr std::size_t kRequestsAtOnce = 256;

// oxenstored sends a directory whole, whatever XENSTORE_PAYLOAD_MAX says; this is one of a quarter
// of a million domains.   [tools/ocaml/xenstored/connection.ml send_reply]
constexpr std::size_t kLongestAnswer = 2UL * 1024 * 1024;

UniqueFd connect_to_xenstored() {
    const char* path = xs_daemon_socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    UniqueFd socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) throw Error{Errc::internal, "socket", errno};
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
        return socket;
    const int err = errno;
    throw Error{err == EACCES ? Errc::permission_denied : Errc::xenstore_error,
                fmt::format("xenstored does not answer at {}", path), err}
        .with_hint(err == EACCES ? "pvhd has to run as root"
                                 : "start xenstored first (Debian: the service xen)");
}

[[noreturn]] void broken(const std::string& what, int err = 0) {
    throw Error{Errc::xenstore_error, "xenstored: " + what, err};
}

int errno_of(std::string_view name) {
    for (const auto& known : xsd_errors)
        if (name == known.errstring) return known.errnum;
    return EINVAL;
}

void append(std::string& bytes, std::uint32_t transaction, std::uint32_t id,
            const StoreWire::Request& request) {
    xsd_sockmsg header{};
    header.type = request.type;
    header.req_id = id;
    header.tx_id = transaction;
    header.len = static_cast<std::uint32_t>(request.payload.size());
    bytes.append(reinterpret_cast<const char*>(&header), sizeof(header));
    bytes += request.payload;
}

} // namespace

StoreWire::StoreWire() : socket_{connect_to_xenstored()} {}

std::vector<StoreWire::Answer> StoreWire::ask(std::uint32_t transaction,
                                              std::span<const Request> requests) {
    for (const Request& request : requests) // of such a one xenstored would end the connection
        if (request.payload.size() > XENSTORE_PAYLOAD_MAX)
            throw Error{Errc::xenstore_error, fmt::format("xenstore {}", request.payload.c_str()),
                        E2BIG};
    require_connection(transaction);
    ScopeExit give_up{[&]() noexcept { hang_up(); }}; // what is still to come answers nobody
    std::vector<Answer> answers;
    answers.reserve(requests.size());
    while (answers.size() < requests.size()) {
        const auto rest = requests.subspan(answers.size());
        const auto some = rest.first(std::min(rest.size(), kRequestsAtOnce));
        const std::uint32_t first = last_id_ + 1;
        std::string bytes;
        for (const Request& request : some)
            append(bytes, transaction, ++last_id_, request);
        send(bytes);
        for (std::uint32_t i = 0; i < some.size(); ++i)
            answers.push_back(take_answer(first + i, some[i].type));
    }
    give_up.dismiss();
    return answers;
}

void StoreWire::require_connection(std::uint32_t transaction) {
    if (socket_) return;
    if (transaction != 0) broken("the connection of the transaction is lost");
    socket_ = connect_to_xenstored();
}

void StoreWire::hang_up() noexcept {
    socket_.reset();
    received_.clear();
    taken_ = 0;
}

void StoreWire::send(std::string_view bytes) {
    while (!bytes.empty()) {
        iovec part{const_cast<char*>(bytes.data()), bytes.size()}; // NOLINT: writev's type
        const ssize_t sent = ::writev(socket_.get(), &part, 1);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) broken("cannot be asked", errno);
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

void StoreWire::receive(std::span<char> bytes) {
    while (received_.size() - taken_ < bytes.size()) {
        std::array<char, 16384>
            more; // NOLINT(cppcoreguidelines-pro-type-member-init): filled below
        const ssize_t count = ::recv(socket_.get(), more.data(), more.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) broken("cannot be heard", errno);
        if (count == 0) broken("has closed the connection");
        received_.insert(received_.end(), more.begin(), more.begin() + count);
    }
    std::copy_n(received_.begin() + static_cast<std::ptrdiff_t>(taken_), bytes.size(),
                bytes.begin());
    taken_ += bytes.size();
    if (taken_ < received_.size()) return;
    received_.clear();
    taken_ = 0;
}

StoreWire::Answer StoreWire::take_answer(std::uint32_t id, xsd_sockmsg_type type) {
    xsd_sockmsg header{};
    receive({reinterpret_cast<char*>(&header), sizeof(header)});
    if (header.len > kLongestAnswer) broken(fmt::format("an answer of {} bytes", header.len));
    if (header.req_id != id)
        broken(fmt::format("an answer to request {} where that to {} was due", header.req_id, id));
    Answer answer;
    answer.payload.resize(header.len);
    receive(answer.payload);
    if (header.type == XS_ERROR)
        answer.error = errno_of(answer.payload.c_str());
    else if (header.type != type)
        broken(fmt::format("an answer of type {} to a request of type {}", header.type,
                           static_cast<unsigned>(type)));
    return answer;
}

} // namespace pvh::xen
