// SPDX-License-Identifier: LGPL-2.1-or-later
// XenStore: its tree over a connection of our own, watches by libxenstore.
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "libdomain/core/unique_handle.h"
#include "libdomain/xen/open.h"
#include "libdomain/xen/store_wire.h"
#include "libdomain/xen/xen_headers.h"
#include "libdomain/xen/xen_hypervisor.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <memory>

#include <fmt/format.h>

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

XsHandle open_xs() {
    // libxenstore falls back to the kernel's device, where a request waits for ever if nobody
    // serves it: the socket is asked first.
    const StoreWire probe;
    XsHandle xs{xs_open(0)};
    if (!xs) throw Error{Errc::xenstore_error, "cannot connect to xenstored", errno};
    return xs;
}

char letter_of(Access access) {
    switch (access) {
    case Access::none:
        return 'n';
    case Access::read:
        return 'r';
    case Access::write:
        return 'w';
    case Access::both:
        break;
    }
    return 'b';
}

using Request = StoreWire::Request;
using Answer = StoreWire::Answer;

/// Each with its end, as xenstored wants them.
std::string strings(std::initializer_list<std::string_view> parts) {
    std::string all;
    for (const std::string_view part : parts) {
        all += part;
        all += '\0';
    }
    return all;
}

Request read_request(const std::string& path) {
    return {XS_READ, strings({path})};
}

Request write_request(const std::string& path, std::string_view value) {
    return {XS_WRITE, strings({path}).append(value)};
}

Request remove_request(const std::string& path) {
    return {XS_RM, strings({path})};
}

Request permissions_request(const std::string& path, const Permissions& permissions) {
    std::string payload = strings({path});
    for (const Permission& permission : permissions)
        payload +=
            strings({fmt::format("{}{}", letter_of(permission.access), permission.domain.value())});
    return {XS_SET_PERMS, std::move(payload)};
}

std::string_view name_of(xsd_sockmsg_type type) {
    switch (type) {
    case XS_READ:
        return "read";
    case XS_WRITE:
        return "write";
    case XS_RM:
        return "rm";
    case XS_SET_PERMS:
        return "set_perms";
    case XS_DIRECTORY:
    case XS_DIRECTORY_PART:
        return "directory";
    case XS_INTRODUCE:
        return "introduce";
    case XS_TRANSACTION_START:
        return "transaction start";
    default:
        return "transaction end";
    }
}

void require_done(const Request& request, const Answer& answer) {
    if (answer.error == 0) return;
    if (request.type == XS_RM && answer.error == ENOENT) return;
    fail(name_of(request.type), request.payload.c_str(), answer.error);
}

std::optional<std::string> value_of(const Request& request, Answer answer) {
    if (answer.error == ENOENT) return std::nullopt;
    require_done(request, answer);
    return std::move(answer.payload);
}

/// Names, each with its end.
std::vector<std::string> split(std::string_view names) {
    std::vector<std::string> all;
    while (!names.empty()) {
        const std::size_t size = std::min(names.find('\0'), names.size());
        all.emplace_back(names.substr(0, size));
        names.remove_prefix(std::min(size + 1, names.size()));
    }
    return all;
}

std::uint32_t transaction_of(const Answer& started) {
    std::uint32_t id = 0;
    const char* const text = started.payload.c_str();
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), id);
    if (error != std::errc{} || *end != '\0' || id == 0)
        throw Error{Errc::xenstore_error, fmt::format("xenstored: \"{}\" is no transaction", text)};
    return id;
}

// The same operations inside a transaction and, with 0, outside of one.
class XenStore final : public Store {
  public:
    explicit XenStore(std::shared_ptr<StoreWire> wire, std::uint32_t transaction = 0)
        : wire_{std::move(wire)}, transaction_{transaction} {}

    std::optional<std::string> read(const std::string& path) override {
        const Request request = read_request(path);
        return value_of(request, wire_->ask(transaction_, request));
    }

    void write(const std::string& path, std::string_view value) override {
        demand(write_request(path, value));
    }

    void remove(const std::string& path) override { demand(remove_request(path)); }

    std::optional<std::vector<std::string>> list(const std::string& path) override {
        const Request request{XS_DIRECTORY, strings({path})};
        Answer answer = wire_->ask(transaction_, request);
        if (answer.error == E2BIG) return list_by_parts(path);
        const auto names = value_of(request, std::move(answer));
        return names ? std::optional{split(*names)} : std::nullopt;
    }

    void set_permissions(const std::string& path, const Permissions& permissions) override {
        demand(permissions_request(path, permissions));
    }

    void apply(std::span<const NodeChange> changes) override {
        std::vector<Request> requests;
        for (const NodeChange& change : changes) {
            if (change.is_removed) requests.push_back(remove_request(change.path));
            if (change.value) requests.push_back(write_request(change.path, *change.value));
            if (change.permissions)
                requests.push_back(permissions_request(change.path, *change.permissions));
        }
        const std::vector<Answer> answers = wire_->ask(transaction_, requests);
        for (std::size_t i = 0; i < requests.size(); ++i)
            require_done(requests[i], answers[i]);
    }

    std::vector<std::optional<std::string>> read_all(std::span<const std::string> paths) override {
        std::vector<Request> requests;
        for (const std::string& path : paths)
            requests.push_back(read_request(path));
        std::vector<Answer> answers = wire_->ask(transaction_, requests);
        std::vector<std::optional<std::string>> values;
        for (std::size_t i = 0; i < requests.size(); ++i)
            values.push_back(value_of(requests[i], std::move(answers[i])));
        return values;
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
        demand(
            {XS_INTRODUCE, strings({fmt::format("{}", dom.value()), fmt::format("{}", ring.value()),
                                    fmt::format("{}", port.value())})});
    }

  private:
    void demand(const Request& request) {
        require_done(request, wire_->ask(transaction_, request));
    }

    /// Of a directory whose names do not fit into one answer: each part begins with the directory's
    /// generation, and the last one ends with an empty name. One that changes all the time is given
    /// up.
    std::optional<std::vector<std::string>> list_by_parts(const std::string& path) {
        constexpr int kMostParts = 10000;
        std::string names;
        std::string generation;
        for (int i = 0; i < kMostParts; ++i) {
            const Request request{XS_DIRECTORY_PART,
                                  strings({path, fmt::format("{}", names.size())})};
            const auto part = value_of(request, wire_->ask(transaction_, request));
            if (!part) return std::nullopt;
            const std::size_t begin = std::min(part->find('\0'), part->size() - 1) + 1;
            if (!names.empty() && part->compare(0, begin, generation) != 0) {
                names.clear(); // it has changed since
                continue;
            }
            generation = part->substr(0, begin);
            names += part->substr(begin);
            if (names.size() > 1 && !names.ends_with(std::string_view{"\0\0", 2})) continue;
            if (!names.empty()) names.pop_back(); // the empty name
            return split(names);
        }
        fail("directory", path, EAGAIN);
    }

    bool attempt_transaction(const std::function<void(Store&)>& body) {
        const Request start{XS_TRANSACTION_START, strings({""})};
        const Answer started = wire_->ask(0, start);
        require_done(start, started);
        const std::uint32_t id = transaction_of(started);
        const auto end = [&](std::string_view how) {
            return wire_->ask(id, {XS_TRANSACTION_END, strings({how})});
        };
        ScopeExit abort{[&]() noexcept {
            try {
                end("F");
            } catch (const Error& e) {
                log::warn("a xenstore transaction could not be ended: {}", e.what());
            }
        }};
        XenStore inside{wire_, id};
        body(inside);
        abort.dismiss();
        const Answer ended = end("T");
        if (ended.error == 0) return true;
        if (ended.error == EAGAIN) return false;
        fail("transaction end", "", ended.error);
    }

    std::shared_ptr<StoreWire> wire_;
    std::uint32_t transaction_;
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
    auto store = std::make_unique<XenStore>(std::make_shared<StoreWire>());
    return {.hypervisor = std::move(hypervisor), .store = std::move(store)};
}

std::unique_ptr<StoreWatch> open_store_watch() {
    return std::make_unique<XenStoreWatch>();
}

} // namespace pvh::xen
