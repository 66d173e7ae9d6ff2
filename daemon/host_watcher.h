// SPDX-License-Identifier: LGPL-2.1-or-later
// Keeps the registry like the host: domains come and go, xl renames them, and only watches tell. A
// watch says "look again"; what happened is the difference between two looks.
#pragma once

#include "daemon/asio.h"
#include "daemon/change_signal.h"
#include "daemon/toolstack.h"
#include "libdomain/xen/store_watch.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace pvh::daemon {

class HostWatcher {
  public:
    HostWatcher(Toolstack& toolstack, std::unique_ptr<xen::StoreWatch> watch);
    HostWatcher(const HostWatcher&) = delete;
    HostWatcher& operator=(const HostWatcher&) = delete;
    ~HostWatcher();

    /// Begins to watch. The coroutines end after stop(), which must come before the end of the
    /// loop.
    void start();
    void stop();

    /// Looks at Xen's list soon; many requests may become one look.
    void request_rescan();
    /// Looks at Xen's list now; afterwards the registry holds whatever there was when it was
    /// called.
    Task<void> rescan();

    /// Looks soon at a domain that we have just added ourselves: it may have run and ended already,
    /// and somebody may have renamed it while it was built.
    void look_at(DomId id);

    /// Every change at or below `path` becomes a Toolstack::changed. Counted: each watch_path needs
    /// its unwatch_path.
    void watch_path(const std::string& path);
    void unwatch_path(const std::string& path) noexcept;

  private:
    struct Look;
    using Names = std::map<DomId, std::string>;

    Task<void> read_events();
    Task<void> refresh_on_request();
    Task<void> refresh();
    Task<void> refresh_stale();
    void apply_names(const Names& names);
    void handle(const xen::StoreWatch::Event& event);
    /// False if something in it is older than what the registry knows.
    bool apply(const Look& look);
    bool apply_gone(const Domain& domain, const Look& look);
    bool apply_appeared(const xen::DomainInfo& info, const Look& look);
    bool apply_changed(const xen::DomainInfo& info, const Look& look);
    void disown(const Record& record) const;
    [[nodiscard]] bool has_zombies() const;

    Toolstack& toolstack_;
    std::unique_ptr<xen::StoreWatch> watch_;
    std::optional<asio::posix::stream_descriptor>
        readable_; // lends the fd of watch_; empty once stopped
    ChangeSignal requested_;
    bool is_rescan_wanted_{false};
    bool is_stopped_{false};
    std::set<DomId> stale_; // whose name or state may be another one
    std::map<std::string, unsigned> watched_paths_;
};

} // namespace pvh::daemon
