// SPDX-License-Identifier: LGPL-2.1-or-later
#include "libdomain/linux/link.h"

#include "libdomain/core/error.h"
#include "libdomain/core/unique_handle.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <linux/if_link.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

namespace pvh::host {

namespace {

unsigned index_of(const std::string& interface) {
    const unsigned index = ::if_nametoindex(interface.c_str());
    if (index == 0) throw Error{Errc::not_found, "find the interface " + interface, errno};
    return index;
}

/// RTM_SETLINK with attributes behind it.
class LinkRequest {
  public:
    explicit LinkRequest(unsigned index) {
        header()->nlmsg_len = NLMSG_LENGTH(sizeof(ifinfomsg));
        header()->nlmsg_type = RTM_SETLINK;
        header()->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
        auto* info = static_cast<ifinfomsg*>(NLMSG_DATA(header()));
        info->ifi_family = AF_UNSPEC;
        info->ifi_index = static_cast<int>(index);
        info->ifi_flags = IFF_UP;
        info->ifi_change = IFF_UP;
    }

    void add(unsigned short type, const void* data, std::size_t size) {
        const std::size_t at = NLMSG_ALIGN(header()->nlmsg_len);
        if (at + RTA_SPACE(size) > buffer_.size())
            throw Error{Errc::internal, "a netlink request grew too long"};
        auto* attribute = reinterpret_cast<rtattr*>(buffer_.data() + at);
        attribute->rta_type = type;
        attribute->rta_len = static_cast<unsigned short>(RTA_LENGTH(size));
        std::memcpy(RTA_DATA(attribute), data, size);
        header()->nlmsg_len = static_cast<std::uint32_t>(at + RTA_SPACE(size));
    }

    void add(unsigned short type, std::uint32_t value) { add(type, &value, sizeof value); }

    void add(unsigned short type, const std::string& text) {
        add(type, text.c_str(), text.size() + 1);
    }

    [[nodiscard]] const void* data() const { return buffer_.data(); }

    [[nodiscard]] std::size_t size() const {
        return reinterpret_cast<const nlmsghdr*>(buffer_.data())->nlmsg_len;
    }

  private:
    nlmsghdr* header() { return reinterpret_cast<nlmsghdr*>(buffer_.data()); }

    alignas(nlmsghdr) std::array<std::byte, 512> buffer_{};
};

/// What the kernel answers: 0, or an errno.
int send_request(const LinkRequest& request) {
    const UniqueFd socket{::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE)};
    if (!socket) return errno;
    if (::send(socket.get(), request.data(), request.size(), 0) < 0) return errno;
    alignas(nlmsghdr) std::array<std::byte, 4096> reply;
    const ssize_t size = ::recv(socket.get(), reply.data(), reply.size(), 0);
    if (size < 0) return errno;
    const auto* header = reinterpret_cast<const nlmsghdr*>(reply.data());
    if (!NLMSG_OK(header, static_cast<std::size_t>(size)) || header->nlmsg_type != NLMSG_ERROR)
        return EPROTO;
    return -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
}

} // namespace

void change_link(const std::string& interface, const LinkChange& change) {
    LinkRequest request{index_of(interface)};
    if (!change.rename.empty()) request.add(IFLA_IFNAME, change.rename);
    request.add(IFLA_MTU, change.mtu);
    request.add(IFLA_MASTER, index_of(change.master));
    const int error = send_request(request);
    if (error == 0) return;
    Error failure{error == EEXIST ? Errc::already_exists : Errc::bad_state,
                  fmt::format("add {} to bridge {} with MTU {}{}", interface, change.master,
                              change.mtu, change.rename.empty() ? "" : " as " + change.rename),
                  error};
    if (error == EEXIST) failure.with_hint("dom0 has an interface of that name: change vifname=");
    throw failure;
}

} // namespace pvh::host
