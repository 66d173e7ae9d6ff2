// SPDX-License-Identifier: LGPL-2.1-or-later
// XenStore by libxenstore.
#include "libdomain/core/error.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/unique_handle.h"
#include "libdomain/xen/open.h"
#include "libdomain/xen/xen_headers.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace pvh::xen {

namespace {

struct XsTraits {
    using type = xs_handle*;

    static constexpr type none() { return nullptr; }

    static void close(type xs) noexcept { xs_close(xs); }
};

using XsHandle = UniqueHandle<XsTraits>;

struct Free {
    void operator()(void* p) const noexcept {
        std::free(p);
    } // NOLINT(cppcoreguidelines-no-malloc): libxenstore's malloc
};

[[noreturn]] void fail(std::string_view operation, std::string_view path, int err) {
    throw Error{Errc::xenstore_error, fmt::format("xenstore {} {}", operation, path), err};
}

// libxenstore falls back to the kernel's device, where a request waits for ever if nobody serves
// it: the socket is asked first.
void check_xenstored() {
    const char* path = xs_daemon_socket();
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
    const UniqueFd probe{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!probe) throw Error{Errc::internal, "socket", errno};
    if (::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
        return;
    const int err = errno;
    throw Error{err == EACCES ? Errc::permission_denied : Errc::xenstore_error,
                fmt::format("xenstored does not answer at {}", path), err}
        .with_hint(err == EACCES ? "pvhd has to run as root"
                                 : "start xenstored first (Debian: the service xen)");
}

XsHandle open_xs() {
    check_xenstored();
    XsHandle xs{xs_open(0)};
    if (!xs) throw Error{Errc::xenstore_error, "cannot connect to xenstored", errno};
    return xs;
}

decltype(xs_permissions::perms) type_of(Access access) {
    switch (access) {
    case Access::none:
        return XS_PERM_NONE;
    case Access::read:
        return XS_PERM_READ;
    case Access::write:
        return XS_PERM_WRITE;
    case Access::both:
        break;
    }
    return static_cast<decltype(xs_permissions::perms)>(XS_PERM_READ | XS_PERM_WRITE);
}

// The same operations inside a transaction and, with XBT_NULL, outside of one.
class XenStore final : public Store {
  public:
    explicit XenStore(std::shared_ptr<XsHandle> xs, xs_transaction_t transaction = XBT_NULL)
        : xs_{std::move(xs)}, transaction_{transaction} {}

    std::optional<std::string> read(const std::string& path) override {
        unsigned length = 0;
        const std::unique_ptr<void, Free> value{
            xs_read(handle(), transaction_, path.c_str(), &length)};
        if (value) return std::string{static_cast<const char*>(value.get()), length};
        if (errno == ENOENT) return std::nullopt;
        fail("read", path, errno);
    }

    void write(const std::string& path, std::string_view value) override {
        if (!xs_write(handle(), transaction_, path.c_str(), value.data(),
                      static_cast<unsigned>(value.size())))
            fail("write", path, errno);
    }

    void remove(const std::string& path) override {
        if (!xs_rm(handle(), transaction_, path.c_str()) && errno != ENOENT)
            fail("rm", path, errno);
    }

    std::optional<std::vector<std::string>> list(const std::string& path) override {
        unsigned count = 0;
        const std::unique_ptr<char*, Free> names{
            xs_directory(handle(), transaction_, path.c_str(), &count)};
        if (names) return std::vector<std::string>(names.get(), names.get() + count);
        if (errno == ENOENT) return std::nullopt;
        fail("directory", path, errno);
    }

    void set_permissions(const std::string& path, const Permissions& permissions) override {
        std::vector<xs_permissions> raw;
        raw.reserve(permissions.size());
        for (const Permission& permission : permissions) {
            xs_permissions entry{};
            entry.id = permission.domain.value();
            entry.perms = type_of(permission.access);
            raw.push_back(entry);
        }
        if (!xs_set_permissions(handle(), transaction_, path.c_str(), raw.data(),
                                static_cast<unsigned>(raw.size())))
            fail("set_perms", path, errno);
    }

    void transact(const std::function<void(Store&)>& body) override {
        // A conflict means that somebody else got on: only a livelock of that many others exhausts
        // this.
        constexpr int kAttempts = 100;
        for (int attempt = 0; attempt < kAttempts; ++attempt)
            if (attempt_transaction(body)) return;
        throw Error{
            Errc::conflict,
            fmt::format("a xenstore transaction met a conflict {} times in a row", kAttempts)};
    }

    void introduce(DomId dom, Gfn ring, Port port) override {
        if (!xs_introduce_domain(handle(), dom.value(), ring.value(), port.value()))
            fail("introduce", fmt::format("{} {} {}", dom, ring, port), errno);
    }

  private:
    [[nodiscard]] xs_handle* handle() const { return xs_->get(); }

    bool attempt_transaction(const std::function<void(Store&)>& body) {
        const xs_transaction_t id = xs_transaction_start(handle());
        if (id == XBT_NULL) fail("transaction start", "", errno);
        ScopeExit abort{[&]() noexcept { xs_transaction_end(handle(), id, true); }};
        XenStore inside{xs_, id};
        body(inside);
        abort.dismiss();
        if (xs_transaction_end(handle(), id, false)) return true;
        if (errno == EAGAIN) return false;
        fail("transaction end", "", errno);
    }

    std::shared_ptr<XsHandle> xs_;
    xs_transaction_t transaction_;
};

class XenStoreWatch final : public StoreWatch {
  public:
    XenStoreWatch() : xs_{open_xs()} {}

    [[nodiscard]] int fd() const override { return xs_fileno(xs_.get()); }

    void watch(const std::string& path, const std::string& token) override {
        if (!xs_watch(xs_.get(), path.c_str(), token.c_str())) fail("watch", path, errno);
    }

    void unwatch(const std::string& path, const std::string& token) override {
        if (!xs_unwatch(xs_.get(), path.c_str(), token.c_str()) && errno != ENOENT)
            fail("unwatch", path, errno);
    }

    std::vector<Event> take_events() override {
        std::vector<Event> events;
        while (true) {
            const std::unique_ptr<char*, Free> pair{xs_check_watch(xs_.get())};
            if (!pair && errno != EAGAIN) fail("watch", "events", errno);
            if (!pair) return events;
            events.push_back(
                {.path = pair.get()[XS_WATCH_PATH], .token = pair.get()[XS_WATCH_TOKEN]});
        }
    }

  private:
    XsHandle xs_;
};

} // namespace

Session open_session() {
    auto hypervisor = std::make_unique<XenHypervisor>();
    auto store = std::make_unique<XenStore>(std::make_shared<XsHandle>(open_xs()));
    return {.hypervisor = std::move(hypervisor), .store = std::move(store)};
}

std::unique_ptr<StoreWatch> open_store_watch() {
    return std::make_unique<XenStoreWatch>();
}

} // namespace pvh::xen
