// SPDX-License-Identifier: LGPL-2.1-or-later
#include "daemon/console/console_daemon.h"

#include "daemon/name_watch.h"
#include "daemon/select.h"
#include "daemon/service_notes.h"
#include "daemon/spawn.h"
#include "daemon/text.h"
#include "libdomain/core/error.h"
#include "libdomain/core/log.h"
#include "libdomain/core/scope_exit.h"
#include "rpc/jsonrpc.h"
#include "rpc/parse.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <utility>

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

namespace pvh::console {

namespace asio = daemon::asio;
using daemon::Clock;
using daemon::Task;

namespace {

constexpr const char* kIntroduced = "@introduceDomain";
constexpr const char* kReleased = "@releaseDomain";
constexpr const char* kType = "pvhconsoled";
constexpr GrantRef kConsoleGrant{0}; // GNTTAB_RESERVED_CONSOLE   [xen/include/public/grant_table.h]
constexpr std::chrono::seconds kRetry{1};
/// How long a client may take over what a domain printed last.
constexpr std::chrono::seconds kStragglerTime{30};

std::string home_of(DomId id) {
    return fmt::format("/local/domain/{}", id.value());
}

std::pair<DomId, Uuid> key_of(const Domain& domain) {
    return {domain.id, domain.uuid};
}

template <class T> T number_of(const std::string& path, const std::optional<std::string>& text) {
    const std::string_view digits = text ? std::string_view{*text} : std::string_view{};
    T value{};
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc{} || end != digits.data() + digits.size())
        throw Error{Errc::xenstore_error, fmt::format("{} = \"{}\" is no number", path, digits)};
    return value;
}

} // namespace

ConsoleDaemon::ConsoleDaemon(const ConsoleOptions& options, XenParts xen)
    : options_{options}, xen_{std::move(xen)},
      histories_{options.history}, listener_{daemon::Listener::open(options.socket, options.group)},
      channels_{{.loop = loop_,
                 .store = *xen_.store,
                 .watch = *xen_.watch,
                 .rings = *xen_.rings,
                 .ports = by_port_},
                *xen_.hypervisor},
      acceptor_{loop_, asio::local::stream_protocol{}, listener_.release_fd()},
      watch_readable_{loop_, xen_.watch->fd()},
      rings_readable_{loop_, xen_.rings->fd()}, signals_{loop_}, hangups_{loop_}, retry_{loop_} {
    xen_.watch->watch(kIntroduced, kIntroduced);
    xen_.watch->watch(kReleased, kReleased);
    xen_.watch->watch(daemon::kNames, daemon::kNames);
    look();
    histories_.prune([this](const Uuid& uuid) { return is_living(uuid); });
    const bool are_channels_refused = channels_.start();
    if (!refused_.empty() || are_channels_refused) look_again_later();
    for (const auto& [what, work] :
         {std::pair{"follow the host's domains", &ConsoleDaemon::follow_host},
          std::pair{"follow console rings", &ConsoleDaemon::follow_rings},
          std::pair{"accept clients", &ConsoleDaemon::accept_clients}})
        daemon::spawn(loop_, what, serve_to_the_end(what, (this->*work)()));
}

ConsoleDaemon::~ConsoleDaemon() {
    // The descriptors are the libraries' to close.
    watch_readable_.release();
    rings_readable_.release();
    // They hold what belongs to the loop.
    clients_.clear();
    consoles_.clear();
    channels_.clear();
}

void ConsoleDaemon::stop_on_signals() {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
    signals_.async_wait([this](const boost::system::error_code& failure, int signal) {
        if (failure) return;
        log::info("signal {}: stopping", signal);
        stop();
    });
}

void ConsoleDaemon::on_hangup(std::function<void()> act) {
    on_hangup_ = std::move(act);
    hangups_.add(SIGHUP);
    await_hangup();
}

void ConsoleDaemon::await_hangup() {
    hangups_.async_wait([this](const boost::system::error_code& failure, int /*signal*/) {
        if (failure) return;
        on_hangup_();
        await_hangup();
    });
}

void ConsoleDaemon::run() {
    sd_notify(0, "READY=1");
    daemon::spawn(loop_, "the watchdog", daemon::feed_watchdog(loop_));
    log::info("serving {}; {} consoles here", options_.socket, consoles_.size());
    loop_.run();
    if (!failure_.empty()) throw Error{Errc::internal, failure_};
}

/// Without any of this it would only seem to serve.
Task<void> ConsoleDaemon::serve_to_the_end(std::string what, Task<void> work) {
    try {
        co_await std::move(work);
    } catch (const std::exception& e) {
        failure_ = fmt::format("{}: {}", what, e.what());
        stop();
    }
}

void ConsoleDaemon::stop() {
    asio::post(loop_, [this] {
        sd_notify(0, "STOPPING=1");
        is_stopped_ = true;
        loop_.stop();
    });
}

// -- domains

Task<void> ConsoleDaemon::follow_host() {
    while (!is_stopped_) {
        co_await watch_readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                                            asio::use_awaitable);
        bool is_look_wanted = false;
        for (const auto& event : xen_.watch->take_events()) {
            if (event.token == kIntroduced || event.token == kReleased)
                is_look_wanted = true;
            else if (channels_.take_event(event))
                continue;
            else if (const auto uuid = daemon::named_at(event.path))
                take_name(*uuid);
        }
        if (is_look_wanted) look_or_retry();
        if (channels_.look_at_changed()) look_again_later();
    }
}

void ConsoleDaemon::look_or_retry() noexcept {
    try {
        look();
        const bool are_channels_refused = channels_.retry_refused();
        if (!refused_.empty() || are_channels_refused) look_again_later();
    } catch (const std::exception& e) {
        log::error("look at the host's domains: {}", e.what());
        look_again_later();
    }
}

void ConsoleDaemon::look_again_later() {
    if (std::exchange(is_retry_due_, true)) return; // whoever asks again does not put it off
    retry_.expires_after(kRetry);
    retry_.async_wait([this](const boost::system::error_code& failure) {
        is_retry_due_ = false;
        if (!failure) look_or_retry();
    });
}

void ConsoleDaemon::look() {
    const auto domains = xen_.hypervisor->list_domains();
    std::set<std::pair<DomId, Uuid>> living;
    for (const auto& info : domains)
        if (!info.is_dying) living.emplace(info.id, info.handle);

    const auto consoles = consoles_; // let_go() changes it
    for (const auto& [id, console] : consoles) {
        if (living.contains(key_of(console->domain()))) continue;
        const auto now = std::find_if(domains.begin(), domains.end(),
                                      [&](const auto& info) { return info.id == id; });
        if (now != domains.end() && !now->is_dying && is_same_guest(*console, *now))
            follow_uuid(*console, {id, now->handle});
        else
            let_go(console);
    }
    const auto is_gone = [&](const auto& key) { return !living.contains(key); };
    channels_.keep(living);
    std::erase_if(others_, is_gone);
    std::erase_if(refused_, is_gone);
    for (const auto& info : domains)
        if (info.id != kDom0 && !info.is_dying) consider(info);
}

void ConsoleDaemon::consider(const xen::DomainInfo& info) {
    const Domain domain{info.id, info.handle};
    if (consoles_.contains(info.id) || others_.contains(key_of(domain))) return;
    const ConsoleNodes nodes = read_nodes(info.id);
    if (!nodes.type) return; // it is being built; it will be introduced
    if (*nodes.type != kType) {
        others_.insert(key_of(domain));
        return;
    }
    try {
        take_up(domain, nodes);
        refused_.erase(key_of(domain));
    } catch (const std::exception& e) { // one guest is no reason to leave the others alone
        if (refused_.insert(key_of(domain)).second)
            log::warn("the console of {}: {}", info.id, e.what());
    }
}

/// At once: each request of its own keeps the create waiting that made them.
ConsoleDaemon::ConsoleNodes ConsoleDaemon::read_nodes(DomId id) {
    const std::string home = home_of(id);
    const std::array paths{home + "/console/type", home + "/console/port",
                           home + "/console/ring-ref", home + "/name"};
    auto values = xen_.store->read_all(paths);
    return {.type = std::move(values[0]),
            .port = std::move(values[1]),
            .ring_ref = std::move(values[2]),
            .name = daemon::guest_text(values[3].value_or(""), 255)};
}

void ConsoleDaemon::take_up(const Domain& domain, const ConsoleNodes& nodes) {
    const std::string home = home_of(domain.id);
    const Port remote{number_of<std::uint32_t>(home + "/console/port", nodes.port)};
    const Gfn ring{number_of<std::uint64_t>(home + "/console/ring-ref", nodes.ring_ref)};
    auto console = std::make_shared<GuestConsole>(loop_, *xen_.rings, domain,
                                                  fmt::format("the console of {}", domain.id),
                                                  histories_.open(domain.uuid));
    console->connect(map_ring(domain.id, ring), remote);
    console->open_pty();
    xen_.store->transact([&](xen::Store& inside) { // its nodes may be on their way out
        if (inside.read(home + "/console/type") != kType)
            throw Error{Errc::not_found, "its console is gone"};
        inside.write(home + "/console/tty", console->tty());
    });
    console->resume(nodes.name);
    console->serve_pty();
    consoles_[domain.id] = console;
    by_port_[console->port().value()] = console;
    log::info("{} \"{}\" uuid={}: its console is served", domain.id,
              daemon::printable(console->history()->owner().name), to_string(domain.uuid));
}

/// By grant, as any backend; a guest that took the grant back is mapped as dom0 may.
std::unique_ptr<xen::ForeignMapping> ConsoleDaemon::map_ring(DomId id, Gfn gfn) {
    try {
        return xen_.rings->map_granted(id, kConsoleGrant);
    } catch (const Error& e) {
        log::debug("{}: {}; mapping {} instead", id, e.what(), gfn);
        return xen_.hypervisor->map(id, std::array{gfn});
    }
}

/// Under another UUID, and in its first life: not one that was set aside when it had ended, nor one
/// that has the other's number, which would have no pseudo-terminal of ours.
bool ConsoleDaemon::is_same_guest(const GuestConsole& console, const xen::DomainInfo& now) const {
    if (console.history()->end() > 0 || (now.is_shutdown && !console.is_about_to_speak()))
        return false;
    return xen_.store->read(home_of(now.id) + "/console/tty") == console.tty();
}

/// One that was built ahead gets the UUID that is wanted before it first runs.
void ConsoleDaemon::follow_uuid(GuestConsole& console, const Domain& now) {
    const Uuid former = console.domain().uuid;
    close_clients_of(console); // they read the other history
    console.become(now, histories_.open(now.uuid), read_nodes(now.id).name);
    histories_.forget(former);
    log::info("{} \"{}\" uuid={} had uuid={} before it ran", now.id,
              daemon::printable(console.history()->owner().name), to_string(now.uuid),
              to_string(former));
}

void ConsoleDaemon::let_go(const std::shared_ptr<GuestConsole>& console) {
    const Domain& domain = console->domain();
    log::info("{} uuid={} is gone", domain.id, to_string(domain.uuid));
    if (const auto port = console->port()) by_port_.erase(*port);
    consoles_.erase(domain.id);
    console->end();
    daemon::spawn(loop_, "close stragglers", close_stragglers(console));
    histories_.prune([this](const Uuid& uuid) { return is_living(uuid); });
}

bool ConsoleDaemon::is_living(const Uuid& uuid) const {
    return std::any_of(consoles_.begin(), consoles_.end(),
                       [&](const auto& entry) { return entry.second->domain().uuid == uuid; }) ||
           std::any_of(refused_.begin(), refused_.end(),
                       [&](const auto& refused) { return refused.second == uuid; });
}

Task<void> ConsoleDaemon::close_stragglers(std::shared_ptr<GuestConsole> console) {
    asio::steady_timer patience{loop_, kStragglerTime};
    co_await patience.async_wait(asio::use_awaitable);
    close_clients_of(*console);
}

void ConsoleDaemon::close_clients_of(const GuestConsole& console) {
    const auto clients = clients_; // closing one may end others
    for (const auto& client : clients)
        if (client->console() == &console) client->close();
}

void ConsoleDaemon::take_name(const Uuid& uuid) {
    const auto found = std::find_if(consoles_.begin(), consoles_.end(), [&](const auto& entry) {
        return entry.second->domain().uuid == uuid;
    });
    if (found == consoles_.end()) return;
    const auto& [id, console] = *found;
    try {
        const auto name = xen_.store->read(home_of(id) + "/name");
        if (!name || name->empty()) return; // its nodes are on their way out
        console->history()->rename(daemon::guest_text(*name, 255));
    } catch (const std::exception& e) {
        log::warn("the name of {}: {}", id, e.what());
    }
}

/// Nothing tells of a domain's new UUID, and its words are to stand under that.
void ConsoleDaemon::look_if_other(const Domain& domain) noexcept {
    try {
        const auto info = xen_.hypervisor->domain_info(domain.id);
        if (info && info->handle != domain.uuid) look();
    } catch (const std::exception& e) { // it is heard all the same
        log::warn("look at {}: {}", domain.id, e.what());
    }
}

Task<void> ConsoleDaemon::follow_rings() {
    while (!is_stopped_) {
        co_await rings_readable_.async_wait(asio::posix::stream_descriptor::wait_read,
                                            asio::use_awaitable);
        for (const Port port : xen_.rings->take_pending()) {
            const auto found = by_port_.find(port);
            const auto console = found == by_port_.end() ? nullptr : found->second.lock();
            if (!console) continue;
            if (console->is_about_to_speak()) look_if_other(console->domain());
            try {
                console->on_event();
            } catch (const std::exception& e) {
                log::warn("{}: {}", console->title(), e.what());
            }
        }
    }
}

// -- clients

Task<void> ConsoleDaemon::accept_clients() {
    while (!is_stopped_) {
        boost::system::error_code failure;
        daemon::UnixSocket socket =
            co_await acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failure));
        if (!failure) {
            welcome(std::move(socket));
            continue;
        }
        log::warn("accept a client: {}", failure.message());
        asio::steady_timer pause{loop_, std::chrono::milliseconds{200}};
        co_await pause.async_wait(asio::use_awaitable);
    }
}

void ConsoleDaemon::welcome(daemon::UnixSocket socket) {
    try {
        const auto peer = daemon::identify_peer(
            socket.native_handle(),
            options_.roles.value_or(daemon::roles_by_socket(listener_.group())));
        if (!peer || peer->role < rpc::Role::operate)
            throw Error{Errc::permission_denied,
                        fmt::format("consoles need the role {}, you have {}",
                                    to_string(rpc::Role::operate),
                                    peer ? to_string(peer->role) : "none")}
                .with_hint("become root, or have an administrator give you a role: pvhd.conf(5)");
        if (clients_.size() >= options_.max_clients)
            throw Error{Errc::busy, fmt::format("pvhconsoled has {} clients and takes no more",
                                                options_.max_clients)}
                .with_hint("try again when others have hung up");
        auto client = std::make_shared<Client>(loop_, std::move(socket), *peer, ++last_client_);
        clients_.insert(client);
        daemon::spawn(loop_, "serve a client", host(std::move(client)));
    } catch (const Error& e) {
        boost::system::error_code ignored;
        socket.non_blocking(true, ignored);
        const std::string line = rpc::to_line(rpc::make_error_reply(nullptr, e)) + '\n';
        socket.write_some(asio::buffer(line), ignored);
    }
}

Task<void> ConsoleDaemon::host(std::shared_ptr<Client> client) {
    const ScopeExit leave{[&] { clients_.erase(client); }};
    Client::FindSource find_source = [this](const rpc::Selector& selector) {
        return find(selector);
    };
    co_await client->run(std::move(find_source));
}

Source ConsoleDaemon::find(const rpc::Selector& selector) {
    auto source = find_living(selector);
    // The watch that tells of it may be on its way, and nothing tells of a new UUID.
    if (!source || source->history->end() == 0) {
        look_or_retry();
        source = find_living(selector);
    }
    if (source) return *std::move(source);
    if (auto ended = find_ended(selector)) return *std::move(ended);
    throw Error{Errc::not_found,
                fmt::format("pvhconsoled has no console of {}", daemon::describe(selector))}
        .with_hint("it serves domains that pvhd made while pvhconsoled ran; the last words of "
                   "others are nowhere kept");
}

std::optional<Source> ConsoleDaemon::find_living(const rpc::Selector& selector) {
    for (const auto& [id, console] : consoles_) {
        const Domain& domain = console->domain();
        const std::string& name = console->history()->owner().name;
        if (selector.uuid == domain.uuid || selector.domid == id.value() || selector.name == name)
            return Source{.domain = {.uuid = domain.uuid, .name = name, .domid = id.value()},
                          .history = console->history(),
                          .console = console};
    }
    return std::nullopt;
}

std::optional<Source> ConsoleDaemon::find_ended(const rpc::Selector& selector) {
    if (is_alive_elsewhere(selector)) return std::nullopt;
    std::optional<Histories::Found> found;
    if (selector.uuid)
        if (auto history = histories_.find(*selector.uuid))
            found = {.uuid = *selector.uuid, .history = std::move(history)};
    if (selector.name) found = histories_.find_named(*selector.name);
    if (!found) return std::nullopt;
    const History::Owner& owner = found->history->owner();
    return Source{.domain = {.uuid = found->uuid, .name = owner.name, .domid = owner.id.value()},
                  .history = found->history,
                  .console = nullptr};
}

/// It lives, and its console is another service's or could not be taken up: what a namesake or a
/// former life printed is not meant.
bool ConsoleDaemon::is_alive_elsewhere(const rpc::Selector& selector) {
    const auto is_meant = [&](const auto& other) {
        return selector.uuid == other.second ||
               (selector.name && xen_.store->read(home_of(other.first) + "/name") == selector.name);
    };
    return std::any_of(others_.begin(), others_.end(), is_meant) ||
           std::any_of(refused_.begin(), refused_.end(), is_meant);
}

} // namespace pvh::console
