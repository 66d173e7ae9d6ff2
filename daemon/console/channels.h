// SPDX-License-Identifier: LGPL-2.1-or-later
// The channels of all domains on this host that are pvhconsoled's to serve.
#pragma once

#include "daemon/console/channel.h"
#include "libdomain/xen/hypervisor.h"

#include <map>
#include <memory>
#include <set>
#include <utility>

namespace pvh::console {

class Channels {
  public:
    Channels(ChannelParts parts, xen::Hypervisor& hypervisor)
        : parts_{parts}, hypervisor_{hypervisor} {}

    /// Watches for them, and takes up those that are there. They come before their domain is
    /// introduced: its toolstack waits for it. True: some could not be taken up.
    bool start();
    /// Whether this is an event of theirs; they look once a batch.
    bool take_event(const xen::StoreWatch::Event& event);
    /// True: some could not be taken up.
    bool look_at_changed();
    /// False: all are taken up.
    bool retry_refused();
    /// Domains that are not among these are gone.
    void keep(const std::set<std::pair<DomId, Uuid>>& living);

    void clear() { channels_.clear(); }

  private:
    using Key = std::pair<DomId, unsigned>; // a frontend, and the channel's number there

    /// At which ends something changed.
    struct Change {
        bool is_ours{};
        bool is_guests{};
    };

    void note(const Key& key, Change change);
    void note_all_of(DomId id);
    void look_again(const Key& key, Change change);
    void look_at(const Key& key);
    void consider(const device::Address& address);
    [[nodiscard]] std::shared_ptr<EventBrake> brake_of(DomId guest) const;
    void take_up(const device::Address& address);
    void refuse(const device::Address& address, const std::exception& reason);

    ChannelParts parts_;
    xen::Hypervisor& hypervisor_;
    std::map<Key, std::shared_ptr<Channel>> channels_;
    std::map<Key, Change> changed_; // since the last look
    std::set<Key> refused_;         // could not be taken up, and were told of
};

} // namespace pvh::console
